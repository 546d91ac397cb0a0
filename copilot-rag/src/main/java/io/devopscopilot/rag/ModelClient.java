package io.devopscopilot.rag;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.http.client.jdk.JdkHttpClientBuilder;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.ollama.OllamaStreamingChatModel;
import dev.langchain4j.model.output.FinishReason;
import io.devopscopilot.api.CopilotException;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * The only class that calls a chat model. What it sends has been through {@link ModelBoundary};
 * prompt, answer, waits and tries are bounded; one call at a time. Thread-safe.
 */
final class ModelClient {
  /**
   * Bounds of a call.
   *
   * @param idle longest wait for the next piece of text, the loading of the model included
   * @param total longest call
   * @param attempts how often a call is tried that failed before its first piece of text
   * @param turn longest wait for another call to end
   */
  record Limits(Duration idle, Duration total, int attempts, Duration turn) {
    static final Limits DEFAULT =
        new Limits(Duration.ofSeconds(30), Duration.ofSeconds(120), 2, Duration.ofSeconds(2));
  }

  /** Longest answer taken, in tokens. */
  static final int MAX_TOKENS = 192;

  /** Longest answer taken, in characters. */
  static final int MAX_CHARS = 8000;

  /** Longest context asked for, in tokens; a longer one costs memory and time. */
  static final int MAX_CONTEXT = 4096;

  /** Longest prompt, in tokens; small models on two cores read 35 to 150 of them a second. */
  static final int MAX_PROMPT = 1200;

  /** A token of English or of a log has about so many characters; fewer = more careful. */
  static final double CHARS_PER_TOKEN = 3;

  /**
   * How a call ended.
   *
   * @param text all that came
   * @param cut whether the answer stopped at a limit
   * @param overlong whether the server cut the prompt
   */
  record Reply(String text, boolean cut, boolean overlong) {}

  private final String name;
  private final Optional<URI> server;
  private final Limits limits;
  private final Semaphore turn = new Semaphore(1, true);
  private volatile Optional<StreamingChatModel> streaming;
  private final Optional<ChatModel> plain;
  private volatile int context;

  private ModelClient(
      String name,
      Optional<URI> server,
      Optional<StreamingChatModel> streaming,
      Optional<ChatModel> plain,
      Limits limits) {
    this.name = name;
    this.server = server;
    this.streaming = streaming;
    this.plain = plain;
    this.limits = limits;
    this.context = server.isPresent() ? 0 : MAX_CONTEXT;
  }

  static ModelClient ollama(URI server, String model, Limits limits) {
    ModelBoundary.checkHost(server);
    if (!model.matches("[A-Za-z0-9][A-Za-z0-9._:/@-]{0,199}")) {
      throw new IllegalArgumentException(
          "model is '" + model + "', must be a name like llama3.1 or qwen2.5:3b");
    }
    return new ModelClient(model, Optional.of(server), Optional.empty(), Optional.empty(), limits);
  }

  static ModelClient of(String name, ChatModel model, Limits limits) {
    return new ModelClient(name, Optional.empty(), Optional.empty(), Optional.of(model), limits);
  }

  static ModelClient of(String name, StreamingChatModel model, Limits limits) {
    return new ModelClient(name, Optional.empty(), Optional.of(model), Optional.empty(), limits);
  }

  String name() {
    return name;
  }

  /**
   * How many tokens a prompt may have; asks the server for the model's context the first time.
   *
   * @throws CopilotException if the server is down or has no such model
   */
  int promptBudget() {
    if (context == 0) {
      prepare();
    }
    return Math.max(64, Math.min(MAX_PROMPT, context - MAX_TOKENS - 64));
  }

  private synchronized void prepare() {
    if (context > 0 || server.isEmpty()) {
      return;
    }
    URI uri = server.get();
    String base = uri.toString().replaceAll("/+$", "");
    String body = JsonNodeFactory.instance.objectNode().put("model", name).toString();
    int found = MAX_CONTEXT;
    try {
      JsonNode shown = ModelBoundary.post(URI.create(base + "/api/show"), body);
      for (var field : shown.path("model_info").properties()) {
        if (field.getKey().endsWith(".context_length") && field.getValue().asInt() > 0) {
          found = Math.min(found, field.getValue().asInt());
        }
      }
    } catch (CopilotException e) {
      throw explained(e);
    }
    streaming =
        Optional.of(
            OllamaStreamingChatModel.builder()
                .baseUrl(base)
                .modelName(name)
                .temperature(0.0)
                .seed(1)
                .numPredict(MAX_TOKENS)
                .numCtx(found)
                .timeout(limits.idle())
                .httpClientBuilder(
                    new JdkHttpClientBuilder()
                        .connectTimeout(Duration.ofSeconds(5))
                        .httpClientBuilder(
                            HttpClient.newBuilder()
                                .version(HttpClient.Version.HTTP_1_1)
                                .followRedirects(HttpClient.Redirect.NEVER)))
                .build());
    context = found;
  }

  private CopilotException explained(Throwable failure) {
    String reason = ModelBoundary.reason(failure);
    String lower = reason.toLowerCase(java.util.Locale.ROOT);
    String where = server.map(uri -> " at " + uri).orElse("");
    String help =
        lower.contains("404") || lower.contains("not found")
            ? "; get the model with: ollama pull " + name
            : lower.contains("connect") || lower.contains("refused")
                ? "; start it with: ollama serve"
                : "";
    return new CopilotException("model " + name + where + ": " + reason + help, failure, true);
  }

  /**
   * Asks the model.
   *
   * @param system how to answer; ours
   * @param user the prompt; already redacted piece by piece, and again here
   * @param text takes pieces of the answer as they come
   * @throws CopilotException after the tries and waits allowed
   */
  Reply ask(String system, String user, Consumer<String> text) {
    server.ifPresent(ModelBoundary::checkHost);
    promptBudget();
    String prompt = ModelBoundary.outgoing(user);
    boolean mine = false;
    try {
      mine = turn.tryAcquire(limits.turn().toMillis(), TimeUnit.MILLISECONDS);
      if (!mine) {
        throw new CopilotException(
            "model " + name + " is busy with another question", new IllegalStateException(), true);
      }
      for (int attempt = 1; ; attempt++) {
        Call call = new Call(text);
        try {
          return call.run(system, prompt);
        } catch (CopilotException e) {
          if (attempt >= limits.attempts() || !e.retryable() || call.length() > 0) {
            throw e;
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CopilotException("interrupted while waiting for model " + name, e, true);
    } finally {
      if (mine) {
        turn.release();
      }
    }
  }

  /** One call; the model's threads only put into the queue. */
  private final class Call implements StreamingChatResponseHandler {
    private final BlockingQueue<Object> queue = new ArrayBlockingQueue<>(4096);
    private final AtomicBoolean over = new AtomicBoolean();
    private final StringBuilder out = new StringBuilder();
    private final Consumer<String> text;

    Call(Consumer<String> text) {
      this.text = text;
    }

    int length() {
      return out.length();
    }

    @Override
    public void onPartialResponse(PartialResponse part, PartialResponseContext handle) {
      if (over.get() || !queue.offer(part.text())) {
        handle.streamingHandle().cancel();
      }
    }

    @Override
    public void onPartialResponse(String part) {
      if (!over.get() && !queue.offer(part)) {
        over.set(true);
      }
    }

    @Override
    public void onCompleteResponse(ChatResponse response) {
      queue.offer(response);
    }

    @Override
    public void onError(Throwable error) {
      queue.offer(error);
    }

    Reply run(String system, String prompt) throws InterruptedException {
      ChatRequest request =
          ChatRequest.builder()
              .messages(SystemMessage.from(system), UserMessage.from(prompt))
              .build();
      Thread caller =
          new Thread(
              () -> {
                try {
                  if (streaming.isPresent()) {
                    streaming.get().chat(request, this);
                  } else {
                    ChatResponse response = plain.orElseThrow().chat(request);
                    queue.offer(String.valueOf(response.aiMessage().text()));
                    queue.offer(response);
                  }
                } catch (RuntimeException | Error e) {
                  queue.offer(e);
                }
              },
              "copilot-model");
      caller.setDaemon(true);
      caller.start();
      long end = System.nanoTime() + limits.total().toNanos();
      try {
        while (true) {
          long wait = Math.min(limits.idle().toNanos(), end - System.nanoTime());
          Object next = wait <= 0 ? null : queue.poll(wait, TimeUnit.NANOSECONDS);
          if (next == null) {
            throw new CopilotException(
                "model " + name + " fell silent: no text for " + limits.idle().toMillis() + " ms",
                new IllegalStateException("no end of stream"),
                false);
          }
          if (next instanceof Throwable t) {
            throw failed(t);
          }
          if (next instanceof ChatResponse response) {
            return reply(response);
          }
          String part = (String) next;
          out.append(part);
          if (out.length() > MAX_CHARS) {
            return new Reply(out.substring(0, MAX_CHARS), true, false);
          }
          text.accept(part);
        }
      } finally {
        over.set(true);
        caller.interrupt();
      }
    }

    private Reply reply(ChatResponse response) {
      var usage = response.tokenUsage();
      Integer read = usage == null ? null : usage.inputTokenCount();
      boolean overlong = server.isPresent() && read != null && read >= context;
      return new Reply(out.toString(), response.finishReason() == FinishReason.LENGTH, overlong);
    }

    private CopilotException failed(Throwable t) {
      CopilotException e = explained(t);
      String reason = String.valueOf(e.getMessage());
      boolean again =
          t instanceof dev.langchain4j.exception.InternalServerException
              || t.getCause() instanceof dev.langchain4j.exception.InternalServerException
              || reason.contains("503");
      return new CopilotException(reason, t, again);
    }
  }
}
