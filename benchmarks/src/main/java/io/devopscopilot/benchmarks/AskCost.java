package io.devopscopilot.benchmarks;

import io.devopscopilot.api.Answerer.Answer;
import io.devopscopilot.api.Answerer.Question;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import io.devopscopilot.api.Severity;
import io.devopscopilot.collector.DuckDbLogStore;
import io.devopscopilot.rag.DocumentFolder;
import io.devopscopilot.rag.LuceneKnowledgeBase;
import io.devopscopilot.rag.PassageAnswerer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * How long a question takes without a model: 100,000 stored lines of 40 services, 250 documents.
 * Question: {@code p50 <= 50 ms, p99 <= 250 ms}? Arguments: lines, documents, questions.
 */
public final class AskCost {
  private static final String[] FAULTS = {
    "could not connect to %s-db:5432: connection refused, attempt %d",
    "java.lang.OutOfMemoryError: Java heap space in worker %2$d of %1$s",
    "lookup %s-cache on 10.96.0.10:53: no such host, try %d",
    "HikariPool-1 - Connection is not available, request timed out after %2$dms in %1$s",
    "open /data/%s/segment-%d: no space left on device"
  };

  private static final String[] QUESTIONS = {
    "Why does %s fail?",
    "What is wrong with %s in the past hour?",
    "What is wrong with pod %s-5d8f7c6b9-x2x4z?",
    "Why is there high latency with the %s deployment?",
    "What happened to %s last night?",
    "Which errors does anything in namespace shop write?"
  };

  private AskCost() {}

  /** Runs it and prints one line. */
  public static void main(String[] args) throws IOException {
    int lines = args.length > 0 ? Integer.parseInt(args[0]) : 100_000;
    int documents = args.length > 1 ? Integer.parseInt(args[1]) : 250;
    int questions = args.length > 2 ? Integer.parseInt(args[2]) : 300;
    Path folder = Files.createTempDirectory("ask-cost");
    try (DuckDbLogStore store = DuckDbLogStore.open(folder.resolve("logs.duckdb"));
        LuceneKnowledgeBase knowledge = LuceneKnowledgeBase.open(folder.resolve("index"))) {
      fill(store, lines);
      for (int i = 0; i < documents; i++) {
        String id = "doc" + i + ".md";
        knowledge.put(id, DocumentFolder.passages(id, id, document(i), 1));
      }
      PassageAnswerer answerer =
          new PassageAnswerer(knowledge, Optional.of(store), Optional.empty());
      double[] millis = new double[questions];
      int answered = 0;
      for (int i = -20; i < questions; i++) {
        String text = String.format(QUESTIONS[Math.floorMod(i, QUESTIONS.length)], service(i * 7));
        long start = System.nanoTime();
        Answer answer = answerer.answer(Question.of(text));
        if (i >= 0) {
          millis[i] = (System.nanoTime() - start) / 1e6;
          answered += answer.answered() ? 1 : 0;
        }
      }
      Arrays.sort(millis);
      System.out.printf(
          Locale.ROOT,
          "%d lines, %d documents, %d questions, %d answered: p50 %.1f ms, p99 %.1f ms, max %.1f"
              + " ms%n",
          lines,
          documents,
          questions,
          answered,
          millis[questions / 2],
          millis[questions * 99 / 100],
          millis[questions - 1]);
    }
  }

  private static String service(int i) {
    return "service" + (char) ('a' + Math.floorMod(i, 40) % 26) + Math.floorMod(i, 40);
  }

  private static void fill(DuckDbLogStore store, int lines) {
    Random random = new Random(1);
    Instant start = Instant.now().minusSeconds(lines / 10);
    Origin[] origins = new Origin[40];
    for (int i = 0; i < origins.length; i++) {
      origins[i] =
          Origin.builder()
              .namespace("shop")
              .service(service(i))
              .pod(service(i) + "-5d8f7c6b9-x2x4z")
              .podUid("uid-" + i)
              .container("main")
              .build();
    }
    for (int i = 0; i < lines; i++) {
      Origin origin = origins[random.nextInt(origins.length)];
      boolean bad = random.nextInt(20) == 0;
      int kind = Math.floorMod(origin.service().hashCode(), FAULTS.length);
      String text =
          bad
              ? String.format(FAULTS[kind], origin.service(), random.nextInt(1000))
              : "served request " + i + " of customer " + random.nextInt(5000) + " in 12 ms";
      Severity severity = bad ? Severity.ERROR : Severity.INFO;
      Instant at = start.plusMillis(i * 100L);
      if (random.nextInt(500) == 0) {
        store.accept(
            LogRecord.event(
                at,
                "Back-off restarting failed container main in pod " + origin.pod(),
                origin,
                Map.of(LogRecord.ATTR_REASON, "BackOff", LogRecord.ATTR_EVENT_TYPE, "Warning")),
            Classification.certain(Severity.WARN, "crash_loop", 99));
      } else {
        store.accept(
            LogRecord.of(at, text, origin),
            Classification.certain(severity, bad ? "app_error" : "none", bad ? kind : 7));
      }
      if (i % 10_000 == 0) {
        store.flush();
      }
    }
    store.flush();
  }

  private static String document(int i) {
    StringBuilder out = new StringBuilder("# Runbook of " + service(i) + " part " + i + "\n\n");
    String[] topics = {"connection refused", "out of memory", "no such host", "disk full", "slow"};
    for (String topic : topics) {
      out.append("## When it shows ").append(topic).append("\n\nLook at the ").append(topic);
      out.append(" lines of ").append(service(i)).append(" first, then at what it depends on.\n\n");
      out.append("```\nkubectl -n <namespace> describe pod <pod>\n```\n\n");
    }
    return out.toString();
  }
}
