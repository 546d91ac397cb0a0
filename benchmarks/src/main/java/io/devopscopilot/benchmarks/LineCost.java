package io.devopscopilot.benchmarks;

import io.devopscopilot.api.FeatureVector;
import io.devopscopilot.api.LogClassifier;
import io.devopscopilot.api.Verdict;
import io.devopscopilot.classifier.CachedLogClassifier;
import io.devopscopilot.classifier.TreeLogClassifier;
import io.devopscopilot.features.TextFeatureExtractor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * What the lines of a real file cost, in their order: with and without remembered verdicts, one and
 * two threads, the first and the millionth call, the slowest of a hundred. {@code LineCost FILE
 * [COLUMN]}: plain lines, or a table (TSV) and the name of the column that holds the line.
 */
public final class LineCost {
  private LineCost() {}

  /** Prints the figures. */
  public static void main(String[] args) throws IOException, InterruptedException {
    byte[][] lines = lines(Path.of(args[0]), args.length > 1 ? args[1] : "");
    long bytes = 0;
    for (byte[] line : lines) {
      bytes += line.length;
    }
    System.out.printf("%d lines of %d bytes%n", lines.length, bytes / lines.length);
    long start = System.nanoTime();
    TreeLogClassifier plain = TreeLogClassifier.loadDefault();
    System.out.printf("the default model loads in %.0f ms%n", (System.nanoTime() - start) / 1e6);
    CachedLogClassifier cached = new CachedLogClassifier(plain);
    TextFeatureExtractor extractor = new TextFeatureExtractor();
    TextFeatureExtractor remembering = TextFeatureExtractor.remembering();
    for (int round = 0; round < 3; round++) {
      double own = run(extractor, plain, lines);
      long features = remembering.remembered();
      long verdicts = cached.hits();
      double remembered = run(remembering, cached, lines);
      System.out.printf(
          "round %d: both verdicts %.0f ns a line, with remembered features and verdicts %.0f ns,"
              + " hits %.3f and %.3f%n",
          round,
          own,
          remembered,
          (remembering.remembered() - features) / (double) lines.length,
          (cached.hits() - verdicts) / (double) lines.length);
    }
    System.out.printf("verdicts that differ: %d%n", different(plain, cached, lines));
    System.out.printf("features alone: %.0f ns a line%n", features(lines));
    System.out.printf("two threads: %.2f times the lines of one%n", scaling(plain, lines));
    tail(plain, lines);
  }

  private static byte[][] lines(Path file, String column) throws IOException {
    List<byte[]> out = new ArrayList<>();
    try (InputStream in = Files.newInputStream(file);
        BufferedReader reader =
            new BufferedReader(
                new InputStreamReader(
                    file.toString().endsWith(".gz") ? new GZIPInputStream(in) : in,
                    StandardCharsets.UTF_8))) {
      int at = -1;
      if (!column.isEmpty()) {
        at = Arrays.asList(reader.readLine().split("\t", -1)).indexOf(column);
      }
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        String text = at < 0 ? line : line.split("\t", -1)[at];
        out.add(text.getBytes(StandardCharsets.UTF_8));
      }
    }
    return out.toArray(new byte[0][]);
  }

  private static double run(
      TextFeatureExtractor extractor, LogClassifier classifier, byte[][] lines) {
    FeatureVector vector = new FeatureVector(extractor.schema());
    Verdict verdict = new Verdict(classifier.categories());
    long start = System.nanoTime();
    for (byte[] line : lines) {
      extractor.extract(line, 0, line.length, vector);
      classifier.classify(vector, verdict);
    }
    return (System.nanoTime() - start) / (double) lines.length;
  }

  private static double features(byte[][] lines) {
    TextFeatureExtractor extractor = new TextFeatureExtractor();
    FeatureVector vector = new FeatureVector(extractor.schema());
    long start = System.nanoTime();
    for (byte[] line : lines) {
      extractor.extract(line, 0, line.length, vector);
    }
    return (System.nanoTime() - start) / (double) lines.length;
  }

  private static long different(LogClassifier a, LogClassifier b, byte[][] lines) {
    TextFeatureExtractor extractor = new TextFeatureExtractor();
    TextFeatureExtractor remembering = TextFeatureExtractor.remembering();
    FeatureVector vector = new FeatureVector(extractor.schema());
    Verdict first = new Verdict(a.categories());
    Verdict second = new Verdict(a.categories());
    long different = 0;
    for (byte[] line : lines) {
      extractor.extract(line, 0, line.length, vector);
      a.classify(vector, first);
      remembering.extract(line, 0, line.length, vector);
      b.classify(vector, second);
      boolean same =
          first.severity() == second.severity()
              && first.categoryIndex() == second.categoryIndex()
              && Arrays.equals(first.severityProbabilities(), second.severityProbabilities())
              && Arrays.equals(first.categoryProbabilities(), second.categoryProbabilities());
      different += same ? 0 : 1;
    }
    return different;
  }

  private static double scaling(LogClassifier classifier, byte[][] lines)
      throws InterruptedException {
    TextFeatureExtractor extractor = new TextFeatureExtractor();
    double one = run(extractor, classifier, lines);
    double[] each = new double[2];
    Thread[] threads = new Thread[2];
    for (int i = 0; i < 2; i++) {
      int n = i;
      threads[i] = new Thread(() -> each[n] = run(extractor, classifier, lines));
      threads[i].start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return one / each[0] + one / each[1];
  }

  private static void tail(LogClassifier classifier, byte[][] lines) {
    TextFeatureExtractor extractor = new TextFeatureExtractor();
    FeatureVector vector = new FeatureVector(extractor.schema());
    Verdict verdict = new Verdict(classifier.categories());
    long[] nanos = new long[1_000_000];
    for (int i = 0; i < nanos.length; i++) {
      byte[] line = lines[i % lines.length];
      long start = System.nanoTime();
      extractor.extract(line, 0, line.length, vector);
      classifier.classify(vector, verdict);
      nanos[i] = System.nanoTime() - start;
    }
    double first = Arrays.stream(nanos, 0, 100_000).average().orElse(0);
    double last = Arrays.stream(nanos, 900_000, 1_000_000).average().orElse(0);
    Arrays.sort(nanos);
    System.out.printf(
        "a million calls: median %d ns, p99 %d ns; mean of the first 100,000 %.0f ns, of the last"
            + " %.0f ns%n",
        nanos[500_000], nanos[990_000], first, last);
  }
}
