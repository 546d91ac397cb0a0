package io.devopscopilot.examples;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The app while its parts are still being loaded: the port is open before, and requests wait for
 * the part they need, the model or all. Thread-safe.
 */
final class Loading implements AutoCloseable {
  /** How long a request waits for its part at most. */
  static final int WAIT_SECONDS = 20;

  private final CompletableFuture<ServingModel> model;
  private final CompletableFuture<App> app;

  /** Takes the app over: {@link #close()} closes it. */
  Loading(CompletableFuture<ServingModel> model, CompletableFuture<App> app) {
    this.model = model;
    this.app = app;
  }

  /** An app that is there; whoever made it closes it. */
  static Loading of(App app) {
    return new Loading(
        CompletableFuture.completedFuture(app.model()), CompletableFuture.completedFuture(app));
  }

  /** The model, as soon as it is there. */
  ServingModel model() {
    return await(model, "the model");
  }

  /** The app, as soon as it is there. */
  App app() {
    return await(app, "the app");
  }

  private static <T> T await(CompletableFuture<T> part, String name) {
    try {
      return part.get(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Problem(503, "the app ends");
    } catch (TimeoutException e) {
      throw new Problem(503, name + " is still being loaded");
    } catch (ExecutionException e) {
      throw new Problem(503, name + " can't be loaded, see the log of the app");
    }
  }

  /** The app if it is there now. */
  Optional<App> now() {
    return app.isDone() && !app.isCompletedExceptionally()
        ? Optional.of(app.join())
        : Optional.empty();
  }

  /** Waits for the app however long it takes; what keeps it from being loaded is thrown. */
  App join() {
    try {
      return app.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** Closes the app, also one that is still to come. */
  @Override
  public void close() {
    try {
      app.join().close();
    } catch (CompletionException e) {
      return; // nothing is open
    }
  }
}
