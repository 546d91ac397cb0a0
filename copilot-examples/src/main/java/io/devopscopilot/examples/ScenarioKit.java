package io.devopscopilot.examples;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Function;

/**
 * Kinds of trouble and of hard quiet times, each a story in time that writes lines. Figures are
 * drawn from a seed; no line is taken from a real system.
 */
final class ScenarioKit {
  static final int MINUTES = 50;

  /** What a kind may be used for: kinds, services and formats of one part are of no other. */
  enum Part {
    /** To learn from. */
    TRAINING,
    /** To choose models, calibration and thresholds. */
    VALIDATION,
    /** For figures only. */
    REPORT
  }

  /** Where a story writes its lines. */
  interface Pen {
    /**
     * A line of the service that the story is about.
     *
     * @param level INFO, WARN, ERROR or FATAL
     */
    void line(String level, String text);

    /** A line, so many milliseconds later. */
    default void later(int millis, String level, String text) {
      throw new UnsupportedOperationException("this pen writes no second line");
    }

    /** A line of a service that calls the one of the story. */
    default void caller(String level, String text) {
      throw new UnsupportedOperationException("this pen knows no caller");
    }

    /** A line of another instance of the service, whose container was restarted so often. */
    default void instance(int restarts, String level, String text) {
      throw new UnsupportedOperationException("this pen knows one instance only");
    }

    /** A warning event about the service. */
    default void event(String text) {
      throw new UnsupportedOperationException("this pen writes no event");
    }

    /** The name of the service. */
    default String service() {
      throw new UnsupportedOperationException("this pen names no service");
    }
  }

  /** One kind: what a service says at a second, given how far the trouble has come (0 to 1). */
  interface Story {
    void tell(int second, double progress, Random random, Pen pen);
  }

  /**
   * A kind of scenario.
   *
   * @param name its name
   * @param category category of the failure, empty for a quiet one
   * @param others further categories that are right
   * @param leadSeconds how long before the failure it should be known
   * @param part what it may be used for
   * @param varied whether surroundings and times differ from scenario to scenario
   * @param story its lines, with figures of its own for each scenario
   */
  record Kind(
      String name,
      String category,
      List<String> others,
      int leadSeconds,
      Part part,
      boolean varied,
      Function<Random, Story> story) {
    boolean fails() {
      return !category.isEmpty();
    }
  }

  private final List<Kind> kinds = new ArrayList<>();

  ScenarioKit() {
    failing();
    quiet();
    kinds.addAll(new ScenarioFamilies().kinds());
  }

  List<Kind> kinds() {
    return List.copyOf(kinds);
  }

  private void add(String name, String category, String others, int lead, Story story) {
    List<String> more = others.isEmpty() ? List.of() : List.of(others.split(","));
    boolean training = kinds.stream().filter(k -> k.fails() != category.isEmpty()).count() % 2 == 0;
    Part part = training ? Part.TRAINING : Part.REPORT;
    kinds.add(new Kind(name, category, more, lead, part, false, random -> story));
  }

  private static String f(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }

  private static double rising(double from, double to, double progress, Random random) {
    return from + (to - from) * progress + random.nextGaussian() * (to - from) * 0.01;
  }

  private void failing() {
    add(
        "memory_leak",
        "oom",
        "performance",
        120,
        (s, p, r, pen) -> {
          if (s % 20 == 0) {
            pen.line("INFO", f("runtime memory used %.0f MiB of 768 MiB", rising(310, 765, p, r)));
          }
        });
    add(
        "heap_gc_spiral",
        "oom",
        "performance",
        120,
        (s, p, r, pen) -> {
          if (s % 15 == 0) {
            pen.line("INFO", f("gc pause %.0f ms, heap %.0f%%", 8 + 400 * p * p, 41 + 58 * p));
          }
        });
    add(
        "pool_exhaustion",
        "performance",
        "app_error",
        120,
        (s, p, r, pen) -> {
          if (s % 20 == 0) {
            pen.line("INFO", f("datasource pool active=%.0f max=40", rising(9, 40, p, r)));
          }
          if (p > 0.9 && r.nextInt(12) == 0) {
            pen.line("WARN", "waited 4000 ms for a connection from the pool");
          }
        });
    add(
        "disk_full",
        "storage",
        "node",
        180,
        (s, p, r, pen) -> {
          if (s % 30 == 0) {
            pen.line("INFO", f("disk usage of /var/data is %.1f%%", rising(52, 99.5, p, r)));
          }
        });
    add(
        "empty_dir_fills",
        "storage",
        "node",
        120,
        (s, p, r, pen) -> {
          if (s % 25 == 0) {
            pen.line("INFO", f("scratch volume %.0fMi / 2048Mi used", rising(700, 2040, p, r)));
          }
        });
    add(
        "certificate_expiry",
        "auth_security",
        "network_dns",
        600,
        (s, p, r, pen) -> {
          if (s % 300 == 0) {
            pen.line("WARN", "serving certificate expires in 2 days, CN=gateway.internal");
          }
        });
    add(
        "slow_dependency",
        "performance",
        "network_dns,app_error",
        60,
        (s, p, r, pen) -> {
          if (p > 0.5 && r.nextInt(Math.max(1, (int) (14 - 13 * p))) == 0) {
            pen.line(
                "ERROR", f("request to the ledger timed out after %d ms", 3000 + r.nextInt(9)));
          }
        });
    add(
        "retry_storm",
        "network_dns",
        "performance,app_error",
        60,
        (s, p, r, pen) -> {
          if (p > 0.4 && r.nextInt(Math.max(1, (int) (12 - 11 * p))) == 0) {
            pen.line(
                "ERROR", f("attempt %d to reach stock failed: connection reset", r.nextInt(5)));
          }
        });
    add(
        "dns_flapping",
        "network_dns",
        "app_error",
        60,
        (s, p, r, pen) -> {
          if (p > 0.5 && r.nextInt(Math.max(1, (int) (12 - 11 * p))) == 0) {
            pen.line("ERROR", "lookup rates.internal: no such host (SERVFAIL)");
          }
        });
    add(
        "queue_backlog",
        "performance",
        "app_error",
        120,
        (s, p, r, pen) -> {
          if (s % 20 == 0) {
            pen.line("INFO", f("work queue depth=%.0f", 40 + 9000 * p * p + r.nextInt(9)));
          }
        });
    add(
        "consumer_lag",
        "performance",
        "app_error",
        120,
        (s, p, r, pen) -> {
          if (s % 20 == 0) {
            pen.line("INFO", f("group billing partition 3 lag=%.0f", 90 + 40_000 * p));
          }
        });
    add(
        "bad_rollout",
        "config_error",
        "app_error,crash_loop",
        60,
        (s, p, r, pen) -> {
          if (p > 0.6 && r.nextInt(9) == 0) {
            pen.line("ERROR", "missing required environment variable PRICE_TABLE_URL");
          }
        });
    add(
        "image_gone",
        "image_pull",
        "crash_loop",
        60,
        (s, p, r, pen) -> {
          if (p > 0.6 && s % 18 == 0) {
            pen.line("ERROR", "failed to pull image \"reg.local/shop:1.9\": manifest unknown");
          }
        });
    add(
        "node_pressure",
        "node",
        "storage,oom",
        120,
        (s, p, r, pen) -> {
          if (s % 30 == 0) {
            pen.line("INFO", f("imagefs filesystem usage %.1f percent", rising(58, 98, p, r)));
          }
        });
    add(
        "brute_force_logins",
        "auth_security",
        "app_error",
        60,
        (s, p, r, pen) -> {
          if (p > 0.5 && r.nextInt(Math.max(1, (int) (9 - 8 * p))) == 0) {
            pen.line("ERROR", f("authentication failed for user admin from 10.9.8.%d", s % 250));
          }
        });
    add(
        "quota_reached",
        "quota",
        "scheduling",
        60,
        (s, p, r, pen) -> {
          if (p > 0.6 && s % 20 == 0) {
            pen.line(
                "ERROR", "pods \"shop-7\" is forbidden: exceeded quota: team, limited: pods=20");
          }
        });
    add(
        "deadlock",
        "performance",
        "app_error",
        120,
        (s, p, r, pen) -> {
          if (s % 20 == 0) {
            pen.line("INFO", f("worker threads busy %.0f of 64", rising(12, 64, p, r)));
          }
        });
    add(
        "handle_leak",
        "performance",
        "app_error,storage,node",
        120,
        (s, p, r, pen) -> {
          if (s % 30 == 0) {
            pen.line("INFO", f("open handles: %.0f / 4096", rising(600, 4090, p, r)));
          }
        });
  }

  private void quiet() {
    add(
        "quiet_batch",
        "",
        "",
        0,
        (s, p, r, pen) -> {
          if (s % 20 == 0) {
            double wave = s < 1500 ? s : Math.max(0, 3000 - s);
            pen.line("INFO", f("nightly export queue depth=%.0f", 20 + wave / 20));
          }
        });
    add(
        "quiet_deploy",
        "",
        "",
        0,
        (s, p, r, pen) -> {
          if (s > 1200 && s < 1260 && s % 6 == 0) {
            pen.line(s < 1230 ? "WARN" : "INFO", s < 1230 ? "shutting down" : "started in 4.1 s");
          }
        });
    add(
        "quiet_peak",
        "",
        "",
        0,
        (s, p, r, pen) -> {
          if (r.nextDouble() < Math.exp(-Math.pow((s - 1500) / 500.0, 2))) {
            pen.line("INFO", f("order %d accepted", r.nextInt(100_000)));
          }
        });
    add(
        "quiet_noisy_errors",
        "",
        "",
        0,
        (s, p, r, pen) -> {
          if (r.nextInt(15) == 0) {
            pen.line("ERROR", "could not render avatar: unsupported colour profile");
          }
        });
    add(
        "quiet_restart",
        "",
        "",
        0,
        (s, p, r, pen) -> {
          if (s == 1500 || s == 1504) {
            pen.line("ERROR", "broken pipe while the peer restarted");
          }
        });
    add(
        "quiet_cache_warms",
        "",
        "",
        0,
        (s, p, r, pen) -> {
          if (s % 20 == 0) {
            double used = 180 + 170 * (1 - Math.exp(-s / 300.0)) + r.nextInt(4);
            pen.line("INFO", f("memory used %.0f MiB of 768 MiB", used));
          }
        });
    add(
        "quiet_disk_sawtooth",
        "",
        "",
        0,
        (s, p, r, pen) -> {
          if (s % 30 == 0) {
            pen.line("INFO", f("disk usage of /spool is %.1f%%", 20 + s % 600 / 25.0));
          }
        });
    add(
        "quiet_certificate",
        "",
        "",
        0,
        (s, p, r, pen) -> {
          if (s % 300 == 0) {
            pen.line("INFO", "certificate expires in 61 days, CN=gateway.internal");
          }
        });
    add(
        "quiet_gc",
        "",
        "",
        0,
        (s, p, r, pen) -> {
          if (s % 15 == 0) {
            pen.line("INFO", f("gc pause %d ms, heap %d%%", 5 + r.nextInt(30), 30 + s % 450 / 15));
          }
        });
    add(
        "quiet_retries",
        "",
        "",
        0,
        (s, p, r, pen) -> {
          if (r.nextInt(60) == 0) {
            pen.line("WARN", f("retry 1 of 3 succeeded after %d ms", 100 + r.nextInt(300)));
          }
        });
    add(
        "quiet_typos",
        "",
        "",
        0,
        (s, p, r, pen) -> {
          if (r.nextInt(90) == 0) {
            pen.line("WARN", f("wrong password for user u%d", r.nextInt(400)));
          }
        });
    add(
        "quiet_queue_peaks",
        "",
        "",
        0,
        (s, p, r, pen) -> {
          if (s % 20 == 0) {
            pen.line("INFO", f("work queue depth=%d", 5 + r.nextInt(80)));
          }
        });
    add(
        "quiet_memory_sawtooth",
        "",
        "",
        0,
        (s, p, r, pen) -> {
          if (s % 20 == 0) {
            pen.line("INFO", f("heap used %dM of 1024M", 300 + s % 420 / 2));
          }
        });
    add(
        "quiet_probe_blip",
        "",
        "",
        0,
        (s, p, r, pen) -> {
          if (s % 900 == 450) {
            pen.line("WARN", "readiness check took 1.2 s, limit 1 s");
          }
        });
    add(
        "quiet_debug_flood",
        "",
        "",
        0,
        (s, p, r, pen) -> {
          if (s > 1400 && s < 1700) {
            pen.line("DEBUG", f("error table has 0 rows, cache key k%d", r.nextInt(999)));
          }
        });
    add(
        "quiet_reload",
        "",
        "",
        0,
        (s, p, r, pen) -> {
          if (s % 600 == 300) {
            pen.line("WARN", "configuration reloaded, option legacy.mode is deprecated");
          }
        });
  }
}
