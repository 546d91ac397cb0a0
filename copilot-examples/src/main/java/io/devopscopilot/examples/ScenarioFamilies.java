package io.devopscopilot.examples;

import io.devopscopilot.examples.ScenarioKit.Kind;
import io.devopscopilot.examples.ScenarioKit.Part;
import io.devopscopilot.examples.ScenarioKit.Story;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Function;

/**
 * Kinds to learn from and to validate with. Each scenario draws its own words, sizes, pace and
 * surroundings, so that a kind is a family of different stories. None is for reporting.
 */
final class ScenarioFamilies {
  private final List<Kind> kinds = new ArrayList<>();

  ScenarioFamilies() {
    failing(Part.TRAINING);
    quiet(Part.TRAINING);
    failing(Part.VALIDATION);
    quiet(Part.VALIDATION);
  }

  List<Kind> kinds() {
    return List.copyOf(kinds);
  }

  private void fails(Part part, String name, String right, Function<Random, Story> story) {
    List<String> all = List.of(right.split(","));
    kinds.add(new Kind(name, all.get(0), all.subList(1, all.size()), 60, part, true, story));
  }

  private void quiet(Part part, String name, Function<Random, Story> story) {
    kinds.add(new Kind("quiet_" + name, "", List.of(), 0, part, true, story));
  }

  private void failing(Part p) {
    if (p == Part.TRAINING) {
      fails(
          p,
          "basket_leak",
          "oom,performance",
          r -> runsOut(r, MEMORY, "java heap space exhausted"));
      fails(
          p,
          "sessions_used_up",
          "performance,app_error",
          r -> runsOut(r, POOLS, "no session free"));
      fails(
          p,
          "archive_fills",
          "storage,node",
          r -> runsOut(r, DISKS, "write failed: no space left"));
      fails(p, "orders_pile_up", "performance,app_error", r -> grows(r, QUEUES));
      fails(p, "slow_answers", "performance,network_dns,app_error", r -> worsens(r, SLOW_ANSWERS));
      fails(p, "names_not_found", "network_dns,app_error", r -> worsens(r, NAMES));
      fails(p, "setting_forgotten", "config_error,app_error,crash_loop", r -> breaks(r, SETTINGS));
      fails(p, "attack_on_logins", "auth_security,app_error", r -> worsens(r, LOGINS));
      fails(p, "share_used_up", "quota,scheduling", r -> drips(r, QUOTAS));
      fails(p, "bug_released", "app_error,performance", r -> breaks(r, BUGS));
      fails(p, "peer_certificate", "auth_security,network_dns", r -> drips(r, HANDSHAKES));
      fails(p, "steps_slow", "performance", r -> slowSteps(r, 1, false));
      fails(p, "killed_for_memory", "oom,crash_loop", r -> events(r, KILLS));
      fails(p, "no_place", "scheduling,quota,node", r -> events(r, PLACES));
      fails(p, "image_missing", "image_pull,crash_loop", r -> events(r, IMAGES));
      fails(p, "dies_at_start", "crash_loop,app_error,config_error", r -> dies(r));
      fails(p, "render_leak", "oom,performance", r -> runsOut(r, MEMORY, "allocation failed"));
      fails(
          p,
          "scratch_fills",
          "storage,node",
          r -> runsOut(r, DISKS, "cannot write temporary file"));
      fails(p, "tickets_wait", "performance,app_error", r -> grows(r, TICKETS));
      fails(p, "events_unread", "performance,app_error", r -> grows(r, UNREAD));
      fails(p, "table_missing", "config_error,app_error", r -> drips(r, TABLES));
      fails(p, "token_refused", "auth_security,app_error", r -> drips(r, TOKENS));
      fails(p, "sync_fails", "app_error,network_dns", r -> drips(r, SYNCS));
      fails(p, "mail_rejected", "app_error,network_dns,quota", r -> worsens(r, MAILS));
      fails(p, "node_lost", "node", r -> events(r, NODES));
      fails(p, "claim_unbound", "storage,scheduling", r -> events(r, CLAIMS));
      fails(p, "map_gone", "config_error", r -> events(r, MAPS));
      fails(p, "loads_slow", "performance", r -> slowSteps(r, 1, false));
      fails(
          p, "answers_slower", "performance", r -> ScenarioTimes.slower(r, ScenarioTimes.ANSWERS));
      fails(
          p, "latency_grows", "performance", r -> ScenarioTimes.grows(r, ScenarioTimes.LATENCIES));
      fails(p, "pauses_grow", "performance,oom", r -> ScenarioTimes.grows(r, ScenarioTimes.PAUSES));
      fails(
          p,
          "retries_mount",
          "performance,network_dns,app_error",
          r -> ScenarioTimes.retryStorm(r, ScenarioTimes.RETRIES));
      fails(p, "restarts_again", "crash_loop,app_error", r -> restarts(r, 99, STARTS));
      fails(p, "callers_suffer", "performance,network_dns,app_error", r -> callersSuffer(r));
    } else {
      fails(p, "classes_leak", "oom,performance", r -> runsOut(r, METASPACE, "out of metaspace"));
      fails(
          p,
          "workers_stuck",
          "performance,app_error",
          r -> runsOut(r, WORKERS, "all workers busy"));
      fails(p, "inodes_gone", "storage,node", r -> runsOut(r, INODES, "can't create file"));
      fails(p, "outbox_lags", "performance,app_error", r -> grows(r, LAGS));
      fails(p, "broker_resets", "network_dns,performance,app_error", r -> worsens(r, RESETS));
      fails(p, "deadlines_missed", "performance,network_dns,app_error", r -> worsens(r, DEADLINES));
      fails(p, "rights_withdrawn", "auth_security,config_error", r -> breaks(r, DENIALS));
      fails(p, "file_malformed", "config_error,app_error,crash_loop", r -> drips(r, MALFORMED));
      fails(p, "nulls_returned", "app_error", r -> breaks(r, NULLS));
      fails(p, "commits_slow", "performance", r -> slowSteps(r, 1, true));
      fails(p, "evicted", "node,storage,oom", r -> events(r, EVICTIONS));
      fails(p, "volume_not_mounted", "storage,config_error", r -> events(r, MOUNTS));
      fails(
          p, "queries_slower", "performance", r -> ScenarioTimes.slower(r, ScenarioTimes.QUERIES));
      fails(
          p, "quantiles_grow", "performance", r -> ScenarioTimes.grows(r, ScenarioTimes.QUANTILES));
      fails(p, "stops_grow", "performance,oom", r -> ScenarioTimes.grows(r, ScenarioTimes.STOPS));
      fails(
          p,
          "tried_again_and_again",
          "performance,network_dns,app_error",
          r -> ScenarioTimes.retryStorm(r, ScenarioTimes.AGAIN));
      fails(p, "never_up_for_long", "crash_loop,app_error", r -> restarts(r, 99, BOOTS));
      fails(p, "limit_of_pods", "quota,scheduling", r -> drips(r, POD_LIMITS));
    }
  }

  private void quiet(Part p) {
    if (p == Part.TRAINING) {
      quiet(p, "memory_settles", r -> settles(r, MEMORY));
      quiet(p, "heap_breathes", r -> breathes(r, MEMORY));
      quiet(p, "archive_rotates", r -> breathes(r, DISKS));
      quiet(p, "sessions_wave", r -> wave(r, POOLS));
      quiet(p, "disk_high_but_flat", r -> flat(r, DISKS));
      quiet(p, "orders_drain", r -> drains(r, QUEUES));
      quiet(p, "always_some_errors", r -> steady(r, SLOW_ANSWERS));
      quiet(p, "harmless_errors", r -> steady(r, CURIOUS));
      quiet(p, "short_burst", r -> burst(r, NAMES));
      quiet(p, "burst_of_bugs", r -> burst(r, BUGS));
      quiet(p, "busy_hour", r -> busy(r, CURIOUS));
      quiet(p, "one_event", r -> once(r, PROBES));
      quiet(p, "typing_errors", r -> steady(r, LOGINS));
      quiet(p, "one_slow_step", r -> slowSteps(r, 0, false));
      quiet(p, "rolling_update", r -> update(r));
      quiet(p, "cold_start", r -> ScenarioTimes.coldStart(r, ScenarioTimes.ANSWERS));
      quiet(p, "rush_hour", r -> ScenarioTimes.rushHour(r, ScenarioTimes.ANSWERS));
      quiet(p, "some_answers_slow", r -> ScenarioTimes.outliers(r, ScenarioTimes.ANSWERS));
      quiet(p, "latency_wave", r -> ScenarioTimes.wave(r, ScenarioTimes.LATENCIES));
      quiet(p, "pauses_breathe", r -> ScenarioTimes.breathes(r, ScenarioTimes.PAUSES));
      quiet(p, "retries_as_ever", r -> ScenarioTimes.retriesAsEver(r, ScenarioTimes.RETRIES));
      quiet(p, "peer_replaced", r -> ScenarioTimes.retriedForAMoment(r, ScenarioTimes.RETRIES));
      quiet(p, "restarted_after_deploy", r -> restarts(r, 1 + r.nextInt(2), STARTS));
      quiet(p, "tickets_drain", r -> drains(r, TICKETS));
      quiet(p, "unread_wave", r -> drains(r, UNREAD));
      quiet(p, "sync_fails_now_and_then", r -> steady(r, SYNCS));
      quiet(p, "mail_bounces", r -> steady(r, MAILS));
      quiet(p, "token_renewed", r -> burst(r, TOKENS));
      quiet(p, "claim_bound_late", r -> once(r, CLAIMS));
      quiet(p, "scratch_settles", r -> settles(r, DISKS));
      quiet(p, "image_pulled_again", r -> once(r, IMAGES));
    } else {
      quiet(p, "classes_settle", r -> settles(r, METASPACE));
      quiet(p, "workers_breathe", r -> breathes(r, WORKERS));
      quiet(p, "inodes_flat", r -> flat(r, INODES));
      quiet(p, "outbox_drains", r -> drains(r, LAGS));
      quiet(p, "resets_now_and_then", r -> steady(r, RESETS));
      quiet(p, "failover", r -> burst(r, RESETS));
      quiet(p, "hiccup", r -> burst(r, DEADLINES));
      quiet(p, "campaign", r -> busy(r, ODD));
      quiet(p, "odd_requests", r -> steady(r, ODD));
      quiet(p, "late_probe", r -> once(r, LATE_PROBES));
      quiet(p, "backup_runs", r -> slowSteps(r, 0, true));
      quiet(p, "workers_wave", r -> wave(r, WORKERS));
      quiet(p, "new_release", r -> update(r));
      quiet(p, "warms_up", r -> ScenarioTimes.coldStart(r, ScenarioTimes.QUERIES));
      quiet(p, "more_to_do", r -> ScenarioTimes.rushHour(r, ScenarioTimes.QUERIES));
      quiet(p, "some_queries_slow", r -> ScenarioTimes.outliers(r, ScenarioTimes.QUERIES));
      quiet(p, "quantile_wave", r -> ScenarioTimes.wave(r, ScenarioTimes.QUANTILES));
      quiet(p, "stops_breathe", r -> ScenarioTimes.breathes(r, ScenarioTimes.STOPS));
      quiet(p, "tried_again_as_ever", r -> ScenarioTimes.retriesAsEver(r, ScenarioTimes.AGAIN));
      quiet(p, "broker_replaced", r -> ScenarioTimes.retriedForAMoment(r, ScenarioTimes.AGAIN));
      quiet(p, "came_up_late", r -> restarts(r, 1 + r.nextInt(2), BOOTS));
      quiet(p, "mount_retried", r -> once(r, MOUNTS));
    }
  }

  // Figures: %1 = used, %2 = limit, %3 = percent.
  private static final String[] MEMORY = {
    "rss %1$.0f MiB, limit %2$.0f MiB",
    "heap used=%1$.0fM max=%2$.0fM",
    "mem usage %3$.1f%% after request",
    "memory in use: %1$.0f MB of %2$.0f MB",
    "oldgen at %3$.0f%% after collection"
  };
  private static final String[] METASPACE = {
    "metaspace %1$.0fM of %2$.0fM used", "metaspace usage %3$.1f%%"
  };
  private static final String[] POOLS = {
    "db connections in use %1$.0f of %2$.0f",
    "pool stats: active=%1$.0f, max=%2$.0f",
    "connections: %1$.0f/%2$.0f busy"
  };
  private static final String[] WORKERS = {
    "workers busy: %1$.0f of %2$.0f", "executor threads active=%1$.0f size=%2$.0f"
  };
  private static final String[] DISKS = {
    "disk used %3$.1f%% on /archive",
    "volume data: %1$.0fMi of %2$.0fMi used",
    "filesystem /srv at %3$.0f%%"
  };
  private static final String[] INODES = {
    "inodes used: %1$.0f of %2$.0f", "inodes usage on /var is %3$.1f%%"
  };
  private static final String[] QUEUES = {
    "queue depth %1$.0f", "backlog of orders: %1$.0f", "pending jobs=%1$.0f"
  };
  private static final String[] TICKETS = {"outstanding tickets: %1$.0f", "ticket queue=%1$.0f"};
  private static final String[] UNREAD = {"consumer lag is %1$.0f", "buffered events %1$.0f"};
  private static final String[] LAGS = {"outbox lag=%1$.0f", "unacked messages: %1$.0f"};

  // Errors: %1 = a number.
  private static final String[] SLOW_ANSWERS = {
    "call to tariffs timed out after %1$d ms",
    "no answer from the pricing backend within %1$d ms",
    "upstream took too long (%1$d ms), giving up",
    "query cancelled: statement timeout %1$d"
  };
  private static final String[] DEADLINES = {
    "deadline exceeded while waiting for quotes, attempt %1$d",
    "context deadline exceeded (%1$d)",
    "request aborted: slower than %1$d ms"
  };
  private static final String[] NAMES = {
    "could not resolve host tariffs.svc, try %1$d",
    "getaddrinfo failed for mailhost-%1$d: temporary failure in name resolution",
    "dial tcp: lookup stockdb: i/o timeout, try %1$d"
  };
  private static final String[] RESETS = {
    "connection to broker %1$d reset by peer",
    "lost connection to the message broker (code %1$d)",
    "write failed: broken pipe, socket %1$d"
  };
  private static final String[] SETTINGS = {
    "required setting STOCK_URL is not set (module %1$d)",
    "cannot start module %1$d: property tax.rate missing",
    "invalid value for option max-items: 'abc%1$d'"
  };
  private static final String[] MALFORMED = {
    "settings.yaml line %1$d: cannot parse, unexpected indent",
    "configuration rejected: unknown key 'timeuot' at line %1$d"
  };
  private static final String[] LOGINS = {
    "login failed for root from 192.0.2.%1$d",
    "invalid password for user admin, source 198.51.100.%1$d",
    "authentication failure: bad token from client %1$d"
  };
  private static final String[] DENIALS = {
    "access denied: role reader may not list bucket %1$d",
    "403 forbidden for service account jobs, request %1$d",
    "permission denied while opening secret %1$d"
  };
  private static final String[] QUOTAS = {
    "quota exceeded: requested %1$d cores more than the project has",
    "cannot create worker %1$d: forbidden, exceeded quota compute"
  };
  private static final String[] POD_LIMITS = {
    "replica %1$d not created: exceeded quota, limited pods",
    "resource quota used up, job %1$d rejected"
  };
  private static final String[] BUGS = {
    "unhandled exception in basket %1$d: index out of range",
    "IllegalStateException: order %1$d has no positions",
    "TypeError: cannot read property 'price' of undefined (request %1$d)",
    "assertion failed: total of invoice %1$d is negative"
  };
  private static final String[] NULLS = {
    "NullPointerException while rating parcel %1$d", "parcel %1$d: result was empty, request failed"
  };
  private static final String[] TABLES = {
    "relation \"discounts\" does not exist (query %1$d)", "unknown column season in table %1$d"
  };
  private static final String[] TOKENS = {
    "token rejected by the identity service, session %1$d",
    "401 Unauthorized from the partner API, call %1$d"
  };
  private static final String[] SYNCS = {
    "sync of shelf %1$d failed, will be tried again", "could not copy page %1$d to the replica"
  };
  private static final String[] MAILS = {
    "mail %1$d was not accepted: 452 too many recipients", "smtp error 421 for message %1$d"
  };
  private static final String[] HANDSHAKES = {
    "TLS handshake with peer %1$d failed: certificate has expired",
    "x509: certificate is not yet valid or expired, connection %1$d"
  };
  private static final String[] CURIOUS = {
    "could not parse user agent of request %1$d",
    "client %1$d sent an unknown header, ignored",
    "image %1$d has no preview"
  };
  private static final String[] ODD = {
    "label %1$d has an unusual size, printed anyway", "address %1$d not found on the map, skipped"
  };

  // Events.
  private static final String[] KILLS = {
    "Container app was OOMKilled, exit code 137", "Memory cgroup out of memory: killed process app"
  };
  private static final String[] PLACES = {
    "0/3 nodes are available: 3 Insufficient cpu.",
    "0/5 nodes are available: 5 node(s) didn't match pod affinity rules."
  };
  private static final String[] IMAGES = {
    "Failed to pull image \"reg.local/shop/app:2.4\": not found",
    "Back-off pulling image \"reg.local/shop/app:2.4\""
  };
  private static final String[] NODES = {
    "Node is not ready", "NodeNotReady: kubelet stopped posting node status"
  };
  private static final String[] CLAIMS = {
    "pod has unbound immediate PersistentVolumeClaims", "persistentvolumeclaim \"files\" not found"
  };
  private static final String[] MAPS = {
    "Error: configmap \"rates\" not found", "Error: secret \"partner\" not found"
  };
  private static final String[] EVICTIONS = {
    "The node was low on resource: ephemeral-storage.",
    "Evicted: the node had condition DiskPressure"
  };
  private static final String[] MOUNTS = {
    "Unable to attach or mount volumes: timed out waiting for the condition",
    "MountVolume.SetUp failed for volume \"data\": not found"
  };
  private static final String[] PROBES = {
    "Readiness probe failed: HTTP probe failed with statuscode: 503",
    "Liveness probe failed: connection refused"
  };
  private static final String[] LATE_PROBES = {
    "Startup probe failed: not ready yet", "Readiness probe failed: context deadline exceeded"
  };

  // What a container says at its start.
  private static final String[] STARTS = {
    "starting, 4 workers", "settings read from /etc/app", "listening on 8080"
  };
  private static final String[] BOOTS = {
    "boot sequence begins", "migrations are up to date", "accepting requests now"
  };

  private static String pick(Random random, String... texts) {
    return texts[random.nextInt(texts.length)];
  }

  private static double between(Random random, double from, double to) {
    return from + (to - from) * random.nextDouble();
  }

  private static String numbered(String pattern, Random random) {
    return String.format(Locale.ROOT, pattern, random.nextInt(250));
  }

  /** How a figure goes on: a share of the limit at a second. */
  private interface Course {
    double at(int second, double progress, Random random);
  }

  /** A figure with a limit, told at its own pace. */
  private static Story figure(Random of, String[] texts, Course course) {
    String text = pick(of, texts);
    int pace = (int) (2 * Math.exp(3 * of.nextDouble()));
    double limit = new double[] {20, 48, 128, 512, 2048, 100_000}[of.nextInt(6)];
    double noise = of.nextInt(3) * 0.006;
    return (second, progress, random, pen) -> {
      if (second % pace == 0) {
        double share = course.at(second, progress, random) + noise * random.nextGaussian();
        double shown = Math.max(0, Math.min(1, share));
        pen.line("INFO", String.format(Locale.ROOT, text, shown * limit, limit, shown * 100));
      }
    };
  }

  /** Straight, or ever slower or faster: what fails and what is quiet must not differ in this. */
  private static double bend(Random of) {
    return of.nextInt(3) == 0 ? 1 : Math.exp(between(of, -0.35, 0.6));
  }

  private static Story runsOut(Random of, String[] texts, String atTheEnd) {
    double from = between(of, 0.01, 0.6);
    double bend = bend(of);
    double breath = of.nextInt(3) == 0 ? between(of, 0.02, 0.08) : 0;
    int period = 30 + of.nextInt(90);
    Story figure =
        figure(
            of,
            texts,
            (s, p, r) -> {
              double wave = breath * (s % period) / period;
              return from + (0.99 - from) * Math.pow(Math.min(1, p), bend) - breath + wave;
            });
    return (second, progress, random, pen) -> {
      figure.tell(second, progress, random, pen);
      if (progress > between(random, 0.93, 1) && random.nextInt(4) == 0) {
        pen.line("ERROR", atTheEnd);
      }
    };
  }

  private static Story settles(Random of, String[] texts) {
    double from = between(of, 0.1, 0.4);
    double to = between(of, 0.45, 0.8);
    double speed = between(of, 4, 12);
    return figure(of, texts, (s, p, r) -> from + (to - from) * (1 - Math.exp(-speed * p)));
  }

  private static Story breathes(Random of, String[] texts) {
    double from = between(of, 0.1, 0.5);
    double to = between(of, 0.55, 0.88);
    int period = 120 + of.nextInt(900);
    double bend = bend(of);
    return figure(
        of, texts, (s, p, r) -> from + (to - from) * Math.pow(s % period / (double) period, bend));
  }

  private static Story wave(Random of, String[] texts) {
    double middle = between(of, 0.3, 0.6);
    double height = between(of, 0.1, 0.25);
    int period = 900 + of.nextInt(2_400);
    return figure(
        of, texts, (s, p, r) -> middle + height * Math.sin(2 * Math.PI * s / (double) period));
  }

  private static Story flat(Random of, String[] texts) {
    double level = between(of, 0.6, 0.93);
    return figure(of, texts, (s, p, r) -> level + 0.01 * r.nextGaussian());
  }

  /** A figure without a limit. */
  private static Story count(Random of, String[] texts, Course course) {
    String text = pick(of, texts);
    int pace = 5 + of.nextInt(30);
    return (second, progress, random, pen) -> {
      if (second % pace == 0) {
        double size = Math.max(0, course.at(second, progress, random));
        pen.line("INFO", String.format(Locale.ROOT, text, size));
      }
    };
  }

  private static Story grows(Random of, String[] texts) {
    double from = between(of, 5, 120);
    double to = from * between(of, 30, 300);
    double bend = between(of, 0.8, 2);
    return count(
        of,
        texts,
        (s, p, r) -> from + (to - from) * Math.pow(p, bend) + 0.1 * from * r.nextGaussian());
  }

  /** Up and down again, and noise between. */
  private static Story drains(Random of, String[] texts) {
    double usual = between(of, 5, 120);
    double peak = usual * between(of, 1.5, 6);
    double top = between(of, 0.1, 0.5);
    return count(
        of,
        texts,
        (s, p, r) -> {
          double batch = p < top ? p / top : Math.max(0, 1 - (p - top) / top);
          return usual * between(r, 0.7, 1.3) + (peak - usual) * batch;
        });
  }

  /** Errors of one to three forms that come ever faster and go on. */
  private static Story worsens(Random of, String[] texts) {
    double begin = between(of, 0, 0.7);
    double most = between(of, 0.2, 1.5);
    String first = pick(of, texts);
    String second = pick(of, texts);
    return (s, p, random, pen) -> {
      double rate = p <= begin ? 0 : most * Math.min(1, 0.05 + (p - begin) / (1 - begin));
      if (random.nextDouble() < rate) {
        pen.line("ERROR", numbered(random.nextInt(4) == 0 ? second : first, random));
      }
    };
  }

  /** Errors from one moment on, shortly before it counts as failed. */
  private static Story breaks(Random of, String[] texts) {
    double begin = between(of, 0.5, 0.98);
    double rate = between(of, 0.08, 1);
    String text = pick(of, texts);
    return (s, p, random, pen) -> {
      if (p > begin && random.nextDouble() < rate) {
        pen.line("ERROR", numbered(text, random));
      }
    };
  }

  /** Few errors, but steadily. */
  private static Story drips(Random of, String[] texts) {
    double begin = between(of, 0.2, 0.8);
    int pace = 8 + of.nextInt(25);
    String text = pick(of, texts);
    return (s, p, random, pen) -> {
      if (p > begin && s % pace == 0) {
        pen.line("ERROR", numbered(text, random));
      }
    };
  }

  private static Story events(Random of, String[] texts) {
    double begin = between(of, 0.3, 0.95);
    int pace = 10 + of.nextInt(60);
    String text = pick(of, texts);
    return (s, p, random, pen) -> {
      if (p > begin && s % pace == 0) {
        pen.event(text);
      }
    };
  }

  private static Story dies(Random of) {
    double begin = between(of, 0.5, 0.95);
    int pace = 15 + of.nextInt(60);
    String text = pick(of, "cannot start: ", "giving up: ", "fatal error, stopping: ");
    String why = pick(of, "port 8080 in use", "schema version too old", "license file unreadable");
    return (s, p, random, pen) -> {
      if (p > begin && s % pace == 0) {
        pen.line("FATAL", text + why);
        pen.event("Back-off restarting failed container app in pod");
      }
    };
  }

  /** Its callers complain by its name as soon as itself. */
  private static Story callersSuffer(Random of) {
    double begin = between(of, 0.5, 0.9);
    double rate = between(of, 0.1, 0.8);
    String own = pick(of, SLOW_ANSWERS);
    String theirs = pick(of, "call to %s timed out", "GET http://%s/v1 returned 503");
    return (s, p, random, pen) -> {
      if (p > begin && random.nextDouble() < rate) {
        pen.line("ERROR", numbered(own, random));
      }
      if (p > begin && random.nextDouble() < rate) {
        pen.caller("ERROR", String.format(Locale.ROOT, theirs, pen.service()));
      }
    };
  }

  /**
   * Two lines of a trace, the second of which is late from some time on.
   *
   * @param lasting 1 = until the end, 0 = for a moment only
   */
  private static Story slowSteps(Random of, int lasting, boolean other) {
    double begin = between(of, 0.3, 0.8);
    double until = lasting == 1 ? 9 : begin + 0.01;
    int usual = 15 + of.nextInt(120);
    double slower = between(of, 5, 20);
    double every = between(of, 0.2, 1);
    double share = lasting == 1 ? between(of, 0.3, 1) : 0.2;
    String done = other ? "committed, traceId=" : "answer rendered trace_id=";
    String asked = other ? "commit begins, traceId=" : "answer wanted trace_id=";
    return (s, p, random, pen) -> {
      if (random.nextDouble() < every) {
        String id = String.format("%016x", random.nextLong() | 1L << 62);
        double took = usual * between(random, 0.6, 1.6);
        boolean late = p > begin && p < until && random.nextDouble() < share;
        pen.line("INFO", asked + id);
        pen.later((int) (late ? took * slower : took) + 3, "INFO", done + id);
      }
    };
  }

  /** Errors all the time, at a rate of its own. */
  private static Story steady(Random of, String[] texts) {
    double rate = Math.exp(between(of, -5, -1.5));
    double clumps = of.nextInt(2) * between(of, 0, 0.5);
    String text = pick(of, texts);
    return (s, p, random, pen) -> {
      int n = random.nextDouble() < rate ? 1 + (random.nextDouble() < clumps ? 2 : 0) : 0;
      for (int i = 0; i < n; i++) {
        pen.line("ERROR", numbered(text, random));
      }
    };
  }

  /** A few errors within seconds, then never again. */
  private static Story burst(Random of, String[] texts) {
    double begin = between(of, 0.2, 0.9);
    int errors = 2 + of.nextInt(7);
    int[] left = {errors};
    String text = pick(of, texts);
    return (s, p, random, pen) -> {
      if (p > begin && left[0] > 0 && random.nextInt(3) == 0) {
        left[0]--;
        pen.line("ERROR", numbered(text, random));
      }
    };
  }

  /** Many more requests than usual, with as many errors per request as ever. */
  private static Story busy(Random of, String[] texts) {
    double share = between(of, 0.01, 0.05);
    double most = between(of, 1, 5);
    String text = pick(of, texts);
    return (s, p, random, pen) -> {
      double rate = 0.3 + most * Math.max(0, Math.sin(Math.PI * Math.min(1, p)));
      for (double left = rate; left > random.nextDouble(); left--) {
        boolean bad = random.nextDouble() < share;
        pen.line(bad ? "ERROR" : "INFO", numbered(bad ? text : "request %d served", random));
      }
    };
  }

  /** One or two warning events, far apart. */
  private static Story once(Random of, String[] texts) {
    double at = between(of, 0.2, 0.5);
    double again = of.nextBoolean() ? at + 0.4 : 9;
    boolean[] told = new boolean[2];
    String text = pick(of, texts);
    return (s, p, random, pen) -> {
      if (p > at && !told[0] || p > again && !told[1]) {
        told[told[0] ? 1 : 0] = true;
        pen.event(text);
      }
    };
  }

  /** A new version: some warnings and errors while the old one stops. */
  private static Story update(Random of) {
    double at = between(of, 0.2, 0.8);
    int length = 10 + of.nextInt(30);
    int[] from = {-1};
    return (s, p, random, pen) -> {
      if (p > at && from[0] < 0) {
        from[0] = s;
      }
      if (from[0] >= 0 && s < from[0] + length && random.nextInt(5) == 0) {
        boolean bad = random.nextInt(3) == 0;
        pen.line(
            bad ? "ERROR" : "WARN",
            bad ? "request cancelled: server is shutting down" : "draining, no new requests");
      }
      if (from[0] >= 0 && s == from[0] + length) {
        pen.line("INFO", "started, version 2." + random.nextInt(30));
      }
    };
  }

  /**
   * A new instance that dies without a word and is started again, after pauses that double up to
   * five minutes; after so many restarts it stays.
   */
  private static Story restarts(Random of, int most, String[] words) {
    double begin = between(of, 0.1, 0.6);
    int lives = 4 + of.nextInt(30);
    int pace = 5 + of.nextInt(20);
    int[] count = {-1};
    int[] started = {0};
    int[] next = {-1};
    int[] pause = {10};
    return (s, p, random, pen) -> {
      if (count[0] < 0 && p > begin || s == next[0]) {
        count[0]++;
        started[0] = s;
        next[0] = count[0] < most ? s + lives + pause[0] : -1;
        pause[0] = Math.min(300, 2 * pause[0]);
      }
      int age = s - started[0];
      if (count[0] < 0 || next[0] >= 0 && age > lives) {
        return;
      }
      if (age < words.length) {
        pen.instance(count[0], "INFO", words[age]);
      } else if (age % pace == 0) {
        pen.instance(count[0], "INFO", numbered("request %d served", random));
      }
    };
  }
}
