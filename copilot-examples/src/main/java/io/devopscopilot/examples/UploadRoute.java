package io.devopscopilot.examples;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.UploadedFile;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;

/** {@code /upload}: stores the lines of files, each once. */
final class UploadRoute implements Handler {
  /** Uploads that are read at the same time at most. */
  private static final int MAX_UPLOADS = 4;

  private final Semaphore uploads = new Semaphore(MAX_UPLOADS);
  private final Loading loading;

  UploadRoute(Loading loading) {
    this.loading = loading;
  }

  @Override
  public void handle(Context ctx) throws IOException, InterruptedException {
    if (loading.app().options().parquet.isPresent()) {
      throw new Problem(409, "lines of --parquet are only read: give them to the Flink job");
    }
    Requests.only(ctx, Set.of("name"));
    if (!uploads.tryAcquire()) {
      throw new Problem(503, MAX_UPLOADS + " uploads are running, try again in a second");
    }
    try {
      List<Uploads.Summary> done = new ArrayList<>();
      if (ctx.isMultipartFormData()) {
        List<UploadedFile> files = files(ctx);
        if (files.isEmpty()) {
          throw Problem.badRequest("the form has no file");
        }
        if (ctx.req().getParts().stream()
            .anyMatch(p -> !p.getName().equals("file") || p.getSubmittedFileName() == null)) {
          throw Problem.badRequest("the form may hold files in fields named 'file' only");
        }
        for (UploadedFile file : files) {
          try (InputStream in = file.content()) {
            done.add(loading.app().uploads().store(name(file.filename()), in));
          }
        }
      } else {
        String name = Requests.param(ctx, "name").map(UploadRoute::name).orElse("upload");
        done.add(loading.app().uploads().store(name, ctx.bodyInputStream()));
      }
      if (done.stream().allMatch(s -> s.bytes() == 0)) {
        throw Problem.badRequest("the body is empty, must be log text, plain or gzip");
      }
      ObjectNode node = Views.object();
      ArrayNode array = node.putArray("uploads");
      done.forEach(s -> array.add(Views.JSON.valueToTree(s)));
      Views.send(ctx, node);
    } catch (Uploads.TooLargeException e) {
      throw new Problem(413, String.valueOf(e.getMessage()));
    } catch (jakarta.servlet.ServletException e) {
      throw Problem.badRequest("the form can't be read, must be multipart/form-data with files");
    } catch (java.util.zip.ZipException | java.io.EOFException e) {
      throw Problem.badRequest("the gzip data is damaged or cut; lines before that are stored");
    } finally {
      uploads.release();
    }
  }

  /** Javalin's helper is Kotlin: it throws what the servlet throws, undeclared. */
  private static List<UploadedFile> files(Context ctx) throws jakarta.servlet.ServletException {
    return ctx.uploadedFiles();
  }

  private static String name(String file) {
    String last = file.substring(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
    String clean = last.replaceAll("[^A-Za-z0-9._-]", "_");
    clean = clean.replaceFirst("\\.(log|txt|gz|log\\.gz)$", "");
    return clean.isEmpty() ? "upload" : clean.substring(0, Math.min(100, clean.length()));
  }
}
