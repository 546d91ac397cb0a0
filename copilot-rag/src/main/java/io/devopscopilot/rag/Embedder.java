package io.devopscopilot.rag;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.onnx.AbstractInProcessEmbeddingModel;
import dev.langchain4j.model.embedding.onnx.OnnxBertBiEncoder;
import dev.langchain4j.model.embedding.onnx.PoolingMode;
import dev.langchain4j.model.embedding.onnx.allminilml6v2q.AllMiniLmL6V2QuantizedEmbeddingModel;
import io.devopscopilot.api.CopilotException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Turns texts into unit vectors, in the process; the model is loaded at first use. Thread-safe. */
final class Embedder {
  /** Names model and text preparation: where it differs, an index is built anew. */
  static final String ID = "all-minilm-l6-v2-q/1";

  static final int DIMENSIONS = 384;

  private Embedder() {}

  /**
   * LangChain4j's encoder on a session of one thread: texts in parallel cost less than operators.
   */
  private static final class Model extends AbstractInProcessEmbeddingModel {
    static final Model INSTANCE = new Model();
    private final OnnxBertBiEncoder encoder;

    private Model() {
      super(executor());
      try (InputStream weights = resource(".onnx");
          InputStream tokenizer = resource("-tokenizer.json");
          OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
        options.setIntraOpNumThreads(1);
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        OrtSession session = environment.createSession(weights.readAllBytes(), options);
        this.encoder = new OnnxBertBiEncoder(environment, session, tokenizer, PoolingMode.MEAN);
      } catch (IOException | OrtException e) {
        throw new CopilotException("the embedding model can't be loaded: " + e.getMessage(), e);
      }
    }

    @Override
    protected OnnxBertBiEncoder model() {
      return encoder;
    }

    private static ExecutorService executor() {
      int threads = Math.max(1, Math.min(4, Runtime.getRuntime().availableProcessors()));
      ThreadPoolExecutor pool =
          new ThreadPoolExecutor(
              threads,
              threads,
              1,
              TimeUnit.SECONDS,
              new LinkedBlockingQueue<>(),
              r -> {
                Thread t = Executors.defaultThreadFactory().newThread(r);
                t.setName("copilot-embed");
                t.setDaemon(true);
                return t;
              });
      pool.allowCoreThreadTimeOut(true);
      return pool;
    }
  }

  private static InputStream resource(String ending) throws IOException {
    String name = "/all-minilm-l6-v2-q" + ending;
    InputStream in = AllMiniLmL6V2QuantizedEmbeddingModel.class.getResourceAsStream(name);
    if (in == null) {
      throw new IOException(name + " is missing on the class path");
    }
    return in;
  }

  /**
   * The vector of a query; blank text gives the vector of a full stop, since the model needs one.
   */
  static float[] query(String text) {
    return Model.INSTANCE.embed(readable(text)).content().vector();
  }

  /** The vectors of passages, in their order. */
  static List<float[]> passages(List<String> texts) {
    List<TextSegment> segments = new ArrayList<>();
    for (String text : texts) {
      segments.add(TextSegment.from(readable(text)));
    }
    List<float[]> out = new ArrayList<>();
    if (!segments.isEmpty()) {
      for (Embedding e : Model.INSTANCE.embedAll(segments).content()) {
        out.add(e.vector());
      }
    }
    return out;
  }

  /** The SHA-256 of the weights. */
  static String sha256() {
    try (InputStream in = resource(".onnx")) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(in.readAllBytes());
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException | NoSuchAlgorithmException e) {
      throw new CopilotException("the embedding model can't be read: " + e, e);
    }
  }

  private static String readable(String text) {
    String cut = text.length() > 4000 ? text.substring(0, 4000) : text;
    return cut.isBlank() ? "." : cut;
  }
}
