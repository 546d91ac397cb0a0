package io.devopscopilot.examples;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code index}: brings the knowledge base in step with the documents, and ends. */
@Command(
    name = "index",
    description =
        "Reads the bundled runbooks and --docs into the data folder or Chroma; unchanged ones cost"
            + " next to nothing.",
    mixinStandardHelpOptions = true)
final class IndexCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private AppOptions options;
  @Mixin private ClusterOptions cluster;

  @Override
  public Integer call() {
    try (App app = new App(options, List.of(), cluster.documents())) {
      app.index();
      PrintWriter err = spec.commandLine().getErr();
      int skipped = app.skipped().size(); // each was told by the log
      err.println(
          app.knowledge().documents().size()
              + " documents, "
              + (skipped > 0 ? skipped + " skipped, " : "")
              + app.indexState());
      err.flush();
      return app.indexed() ? 0 : 1;
    }
  }
}
