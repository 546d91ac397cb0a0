package io.devopscopilot.examples;

import io.devopscopilot.api.LogQuery;
import io.devopscopilot.api.LogStore.Stored;
import io.devopscopilot.collector.DuckDbLogStore;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code export}: stored records as JSON lines, or all of them as Parquet files. */
@Command(
    name = "export",
    description = "Prints stored records as JSON lines, oldest first, or writes Parquet files.",
    mixinStandardHelpOptions = true)
final class ExportCommand implements Callable<Integer> {
  private static final int PAGE = 10_000;

  @Spec private CommandSpec spec;

  @Option(names = "--db", required = true, paramLabel = "FILE", description = "The DuckDB file.")
  private Path db;

  @Option(names = "--namespace", description = "Only records of this namespace.")
  private String namespace = "";

  @Option(names = "--service", description = "Only records of this service.")
  private String service = "";

  @Option(names = "--text", description = "Only records with this text.")
  private String text = "";

  @Option(
      names = "--parquet",
      description =
          "Write all records as Parquet files, one folder a day, into FILE.export/parquet, which is"
              + " emptied first.")
  private boolean parquet;

  @Override
  public Integer call() {
    if (!Files.exists(db)) {
      throw new Main.UsageException("--db " + db + " does not exist");
    }
    PrintWriter out = spec.commandLine().getOut();
    try (DuckDbLogStore store = DuckDbLogStore.open(db)) {
      if (parquet) {
        out.println(store.exportParquet());
        out.flush();
        return 0;
      }
      OptionalLong last = OptionalLong.empty();
      while (true) {
        LogQuery.Builder query =
            LogQuery.builder()
                .namespace(namespace)
                .service(service)
                .text(text)
                .limit(PAGE)
                .oldestFirst();
        last.ifPresent(query::beforeId);
        List<Stored> page = store.find(query.build());
        StringBuilder chunk = new StringBuilder();
        page.forEach(s -> chunk.append(Views.stored(s)).append('\n'));
        out.print(chunk);
        if (out.checkError() || page.size() < PAGE) {
          return 0;
        }
        last = OptionalLong.of(page.get(page.size() - 1).id());
      }
    }
  }
}
