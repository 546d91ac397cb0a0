package io.devopscopilot.examples;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.devopscopilot.api.Copilot;
import io.devopscopilot.api.Issue;
import io.devopscopilot.classifier.TreeLogClassifier;
import io.devopscopilot.collector.ClusterHealth;
import io.devopscopilot.collector.ClusterHealth.Finding;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code issues}: what is broken in a cluster now, or what the stored lines show. */
@Command(
    name = "issues",
    description = {
      "Names what is broken and why.",
      "With a cluster: its pods and events as they are now, and the last lines of what ended.",
      "Without: the issues that the stored lines of the data folder show."
    },
    mixinStandardHelpOptions = true)
final class IssuesCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private AppOptions options;
  @Mixin private ClusterOptions cluster;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Option(
      names = "--exit-code",
      description = "Exit status 1 if there is an issue, for scripts and alerts.")
  private boolean exitCode;

  @Override
  public Integer call() {
    Optional<ClusterHealth> health = cluster.health();
    int found = health.isPresent() ? live(health.get()) : stored();
    spec.commandLine().getOut().flush();
    return exitCode && found > 0 ? 1 : 0;
  }

  private int live(ClusterHealth health) {
    List<Finding> findings = health.findings();
    TreeLogClassifier classifier =
        options.model.map(TreeLogClassifier::load).orElseGet(TreeLogClassifier::loadDefault);
    ArrayNode array = Views.JSON.createArrayNode();
    try (Copilot copilot = LineModels.copilot(classifier)) {
      RootCause cause = new RootCause(copilot);
      for (Finding f : findings) {
        Optional<RootCause.Cause> line = cause.of(f.log());
        if (json) {
          array.add(node(f, line));
        } else {
          print(f, line);
        }
      }
    }
    end(array, findings.size(), String.join(", ", health.namespaces()));
    return findings.size();
  }

  private static String because(Finding f, Optional<RootCause.Cause> line) {
    return Terminal.plain(f.cause()) + line.map(c -> "; its log says: " + c.line()).orElse("");
  }

  private static ObjectNode node(Finding f, Optional<RootCause.Cause> line) {
    ObjectNode node =
        Views.object()
            .put("namespace", f.namespace())
            .put("object", f.object())
            .put("pods", f.pods())
            .put("category", f.category())
            .put("cause", because(f, line))
            .put("mend", f.mend());
    line.flatMap(RootCause.Cause::category).ifPresent(c -> node.put("logCategory", c));
    ArrayNode log = node.putArray("log");
    f.log().subList(Math.max(0, f.log().size() - 20), f.log().size()).forEach(log::add);
    return node;
  }

  private void print(Finding f, Optional<RootCause.Cause> line) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        f.namespace()
            + " "
            + f.object()
            + (f.pods() > 1 ? " (" + f.pods() + " pods)" : "")
            + ": "
            + f.category()
            + line.flatMap(RootCause.Cause::category)
                .filter(c -> !c.equals(f.category()))
                .map(c -> ", " + c)
                .orElse(""));
    out.println("  why: " + because(f, line));
    out.println("  do:  " + f.mend());
  }

  private int stored() {
    try (App app = new App(options, List.of(), Optional.empty())) {
      app.replay();
      app.index();
      ArrayNode array = Views.JSON.createArrayNode();
      int open = 0;
      for (IssueBoard.Entry entry : app.issues().all()) {
        if (entry.issue().state() != Issue.State.OPEN) {
          continue;
        }
        open++;
        IssueBoard.Entry full = app.issue(entry.issue().id()).orElse(entry);
        if (json) {
          array.add(Views.issue(full));
        } else {
          print(full);
        }
      }
      end(array, open, "the stored lines");
      return open;
    }
  }

  private void print(IssueBoard.Entry entry) {
    PrintWriter out = spec.commandLine().getOut();
    Issue i = entry.issue();
    out.printf(
        "%s: %s, %.0f %% sure, %s%n",
        (i.namespace() + " " + i.service()).strip(),
        i.category(),
        i.probability() * 100,
        i.horizon().isZero()
            ? "since " + i.opened()
            : "expected in " + i.horizon().toSeconds() + " s");
    out.println("  why: " + Terminal.plain(i.title()));
    entry.answer().suggestions().stream()
        .limit(3)
        .forEach(s -> out.println("  do:  " + Terminal.plain(s.action())));
  }

  private void end(ArrayNode array, int count, String where) {
    if (json) {
      spec.commandLine().getOut().println(Views.object().set("issues", array).toPrettyString());
    }
    PrintWriter err = spec.commandLine().getErr();
    err.println(
        (count == 0 ? "nothing is broken" : count == 1 ? "1 issue" : count + " issues")
            + " in "
            + where);
    err.flush();
  }
}
