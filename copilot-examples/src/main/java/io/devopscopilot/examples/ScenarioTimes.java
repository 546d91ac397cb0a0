package io.devopscopilot.examples;

import io.devopscopilot.examples.ScenarioKit.Story;
import java.util.Locale;
import java.util.Random;

/**
 * Stories of how long things take: answers, percentiles, pauses of a collector, retries. Each draws
 * its own words, sizes and pace; what a training kind says, no validation kind says.
 */
final class ScenarioTimes {
  // Lines with a duration: %1 = a number, %2 = milliseconds.
  static final String[] ANSWERS = {
    "GET /basket/%1$d 200 in %2$.0f ms",
    "order %1$d priced, took %2$.0fms",
    "request_id=%1$d status=200 duration=%2$.1fms",
    "POST /pay/%1$d done (%2$.0f ms)"
  };
  static final String[] QUERIES = {
    "select of parcel %1$d took %2$.0f ms",
    "route %1$d computed, elapsed_ms=%2$.0f",
    "completed 200 OK in %2$.0fms, id %1$d"
  };

  // Percentiles and pauses: %1 = milliseconds.
  static final String[] LATENCIES = {
    "latency p99 %1$.0f ms", "http latency of the last minute: p95=%1$.0fms"
  };
  static final String[] QUANTILES = {
    "response times: 0.99 quantile latency %1$.1f ms", "latency_ms=%1$.0f over all calls"
  };
  static final String[] PAUSES = {
    "gc pause %1$.0f ms", "Pause Young (Normal) 212M->87M(512M) %1$.3fms"
  };
  static final String[] STOPS = {
    "collector paused the program, pause %1$.1f ms", "Pause Full (Ergonomics) 498M->491M %1$.0fms"
  };

  // Retries: %1 = a number.
  static final String[] RETRIES = {
    "retrying call to tariffs, request %1$d",
    "no answer yet, retry %1$d",
    "upstream closed early, will retry request %1$d"
  };
  static final String[] AGAIN = {
    "write of label %1$d is retried", "broker busy, retrying batch %1$d"
  };

  private ScenarioTimes() {}

  private static double between(Random random, double from, double to) {
    return from + (to - from) * random.nextDouble();
  }

  /** How many times longer than usual it takes at a second. */
  private interface Course {
    double at(double progress, int second, Random random);
  }

  private static Story answers(Random of, String[] texts, Course course) {
    String text = texts[of.nextInt(texts.length)];
    double usual = Math.exp(between(of, Math.log(5), Math.log(400)));
    double spread = between(of, 0.15, 0.8);
    double every = Math.exp(between(of, Math.log(0.15), Math.log(3)));
    return (s, p, random, pen) -> {
      for (double left = every; left > random.nextDouble(); left--) {
        double took = usual * Math.exp(spread * random.nextGaussian()) * course.at(p, s, random);
        pen.line("INFO", String.format(Locale.ROOT, text, random.nextInt(9_000), took));
      }
    };
  }

  /** All answers take ever longer, or much longer at once. */
  static Story slower(Random of, String[] texts) {
    double begin = between(of, 0.1, 0.8);
    double most = between(of, 5, 20);
    boolean atOnce = of.nextBoolean();
    return answers(
        of,
        texts,
        (p, s, r) -> p < begin ? 1 : atOnce ? most : 1 + (most - 1) * (p - begin) / (1 - begin));
  }

  /** A new instance answers slowly until it is warm. */
  static Story coldStart(Random of, String[] texts) {
    double at = between(of, 0.3, 0.8);
    int length = 5 + of.nextInt(26);
    double most = between(of, 2, 10);
    int[] from = {-1};
    return answers(
        of,
        texts,
        (p, s, r) -> {
          from[0] = p > at && from[0] < 0 ? s : from[0];
          return from[0] >= 0 && s < from[0] + length ? most : 1;
        });
  }

  /** Somewhat slower while there is more to do. */
  static Story rushHour(Random of, String[] texts) {
    double most = between(of, 1.2, 2.2);
    return answers(of, texts, (p, s, r) -> 1 + (most - 1) * Math.sin(Math.PI * Math.min(1, p)));
  }

  /** A few answers are slow all the time. */
  static Story outliers(Random of, String[] texts) {
    double share = between(of, 0.005, 0.04);
    double most = between(of, 5, 40);
    return answers(of, texts, (p, s, r) -> r.nextDouble() < share ? most : 1);
  }

  private static Story figure(Random of, String[] texts, Course course) {
    String text = texts[of.nextInt(texts.length)];
    double usual = Math.exp(between(of, Math.log(4), Math.log(150)));
    double noise = between(of, 0.01, 0.12);
    int pace = 5 + of.nextInt(26);
    return (s, p, random, pen) -> {
      if (s % pace == 0) {
        double value = usual * Math.exp(noise * random.nextGaussian()) * course.at(p, s, random);
        pen.line("INFO", String.format(Locale.ROOT, text, value));
      }
    };
  }

  /** A percentile or a pause grows and grows. */
  static Story grows(Random of, String[] texts) {
    double most = between(of, 8, 60);
    double bend = between(of, 0.7, 2.5);
    return figure(of, texts, (p, s, r) -> 1 + (most - 1) * Math.pow(p, bend));
  }

  /** Up and down with the load. */
  static Story wave(Random of, String[] texts) {
    double most = between(of, 0.1, 1);
    int period = 600 + of.nextInt(3_000);
    return figure(of, texts, (p, s, r) -> 1 + most * (1 + Math.sin(6.28 * s / period)) / 2);
  }

  /** Up until something is cleared away, again and again. */
  static Story breathes(Random of, String[] texts) {
    double most = between(of, 1, 6);
    int period = 120 + of.nextInt(900);
    return figure(of, texts, (p, s, r) -> 1 + most * (s % period) / period);
  }

  private static Story retries(Random of, String[] texts, Course rate) {
    String text = texts[of.nextInt(texts.length)];
    return (s, p, random, pen) -> {
      for (double left = rate.at(p, s, random); left > random.nextDouble(); left--) {
        pen.line("WARN", String.format(Locale.ROOT, text, random.nextInt(9_000)));
      }
    };
  }

  /** Ever more retries. */
  static Story retryStorm(Random of, String[] texts) {
    double begin = between(of, 0.1, 0.7);
    double most = between(of, 0.5, 4);
    double usual = of.nextBoolean() ? 0 : between(of, 0.002, 0.03);
    return retries(of, texts, (p, s, r) -> usual + most * Math.max(0, p - begin) / (1 - begin));
  }

  /** Some retries all the time. */
  static Story retriesAsEver(Random of, String[] texts) {
    double usual = Math.exp(between(of, -5.5, -1.5));
    return retries(of, texts, (p, s, r) -> usual);
  }

  /** A peer is replaced: retries for some seconds, each of which succeeds. */
  static Story retriedForAMoment(Random of, String[] texts) {
    double at = between(of, 0.2, 0.8);
    int length = 3 + of.nextInt(22);
    double most = between(of, 0.3, 3);
    int[] from = {-1};
    return retries(
        of,
        texts,
        (p, s, r) -> {
          from[0] = p > at && from[0] < 0 ? s : from[0];
          return from[0] >= 0 && s < from[0] + length ? most : 0.003;
        });
  }
}
