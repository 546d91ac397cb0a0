package io.devopscopilot.examples;

import com.fasterxml.jackson.core.JsonGenerator;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.LogRecord;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/** {@code /classify}: verdicts for one record or many, without trees of JSON. */
final class ClassifyRoute implements Handler {
  /** Records of one request that get reasons at most; the rest gets an empty list. */
  static final int MAX_EXPLAINED = 20;

  private static final int REASONS = 3;

  private final Loading loading;

  ClassifyRoute(Loading loading) {
    this.loading = loading;
  }

  @Override
  public void handle(Context ctx) throws IOException {
    Requests.only(ctx, Set.of("reasons"));
    int explained = (int) Requests.bounded(ctx, "reasons", 1, 0, MAX_EXPLAINED);
    answer(ctx, ClassifyRequest.read(Requests.body(ctx)), explained);
  }

  /** Answers with the verdicts of the model in use, the first ones with reasons. */
  void answer(Context ctx, List<LogRecord> records, int explained) throws IOException {
    ServingModel model = loading.model();
    List<Classification> verdicts = model.classify(records);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024 + 512 * records.size());
    try (JsonGenerator out = Views.JSON.createGenerator(bytes)) {
      out.writeStartObject();
      out.writeArrayFieldStart("results");
      for (int i = 0; i < records.size(); i++) {
        model
            .writer()
            .write(
                out,
                verdicts.get(i),
                i < explained ? model.explain(records.get(i), REASONS) : List.of());
      }
      out.writeEndArray();
      out.writeEndObject();
    }
    ctx.contentType("application/json").result(bytes.toByteArray());
  }
}
