package io.devopscopilot.benchmarks;

import io.devopscopilot.api.FeatureVector;
import io.devopscopilot.features.TextFeatureExtractor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.tribuo.data.text.impl.BasicPipeline;
import org.tribuo.util.tokens.impl.BreakIteratorTokenizer;

/** What featurizing a line of about 137 bytes costs, beside its rivals. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class FeaturizeBenchmark {
  private static final int LINES = 1024;
  private static final Pattern NUMBERS = Pattern.compile("[0-9]+");
  private static final Pattern HEX = Pattern.compile("\\b[0-9a-f]{8,}\\b");

  @Param({"ours-bytes", "ours-string", "idiomatic", "tribuo", "lucene", "byte-sum"})
  String implementation = "";

  private final byte[][] bytes = new byte[LINES][];
  private final String[] strings = new String[LINES];
  private final TextFeatureExtractor extractor = new TextFeatureExtractor();
  private final FeatureVector vector = new FeatureVector(extractor.schema());
  private final StandardAnalyzer analyzer = new StandardAnalyzer();
  private final BasicPipeline tribuo = new BasicPipeline(new BreakIteratorTokenizer(Locale.US), 2);
  private int next;

  /** Makes the lines. */
  @Setup
  public void setup() {
    Random random = new Random(7);
    String[] texts = {
      "could not connect to %s:5432 after %d attempts, last error was connection refused by peer",
      "request %d for customer %s finished with status 200 and body of 5124 bytes from cache two",
      "rebalanced partition %d of topic orders from consumer %s within the group shop-consumers-a",
      "took snapshot %d of %s, 1204 entries written to disk and old segments removed afterwards",
    };
    for (int i = 0; i < LINES; i++) {
      Object number = random.nextInt(100_000);
      String host = "node-" + random.nextInt(500);
      String text = texts[i % texts.length];
      String message =
          i % 4 == 0 || i % 4 == 3
              ? text.replace("%s", host).replace("%d", number.toString())
              : String.format(Locale.ROOT, text, number, host);
      strings[i] =
          "2026-01-05 10:00:0" + i % 10 + ",123 INFO  [worker-" + i % 9 + "] s.Shop - " + message;
      bytes[i] = strings[i].getBytes(StandardCharsets.UTF_8);
    }
  }

  /** One line. */
  @Benchmark
  public long line() throws IOException {
    int i = next++ & (LINES - 1);
    return switch (implementation) {
      case "ours-bytes" -> {
        extractor.extract(bytes[i], 0, bytes[i].length, vector);
        yield vector.fingerprint();
      }
      case "ours-string" -> {
        extractor.extract(strings[i], vector);
        yield vector.fingerprint();
      }
      case "idiomatic" -> idiomatic(strings[i]);
      case "tribuo" -> tribuo.process("line", strings[i]).size();
      case "lucene" -> lucene(strings[i]);
      default -> sum(bytes[i]);
    };
  }

  private static long idiomatic(String line) {
    String masked =
        NUMBERS.matcher(HEX.matcher(line.toLowerCase(Locale.ROOT)).replaceAll("#")).replaceAll("0");
    Map<String, Integer> counts = new HashMap<>();
    String previous = "";
    for (String word : masked.split("[^a-z0-9#]+")) {
      counts.merge(word, 1, Integer::sum);
      counts.merge(previous + " " + word, 1, Integer::sum);
      previous = word;
    }
    return counts.size();
  }

  private long lucene(String line) throws IOException {
    long hash = 0;
    try (TokenStream tokens = analyzer.tokenStream("line", line)) {
      CharTermAttribute term = tokens.addAttribute(CharTermAttribute.class);
      tokens.reset();
      while (tokens.incrementToken()) {
        hash = hash * 31 + term.length();
      }
      tokens.end();
    }
    return hash;
  }

  private static long sum(byte[] line) {
    long sum = 0;
    for (byte b : line) {
      sum += b;
    }
    return sum;
  }
}
