package io.devopscopilot.examples;

import java.util.Locale;
import java.util.Random;
import java.util.Set;

/** Values for the slots of templates. */
final class TrainingSlots {
  private static final Set<String> KNOWN =
      Set.of(
          "pod", "ns", "host", "ip", "port", "n", "d", "ms", "path", "image", "id", "user", "svc",
          "node", "pct", "size", "db", "table", "topic", "Class", "method", "file", "url", "key",
          "KEY", "time", "hex", "name", "b", "pkg", "word", "Word", "noun", "adj", "verb", "verbed",
          "verbing");

  private static final String[] NAMES = {
    "orders",
    "billing",
    "catalog",
    "gateway",
    "search",
    "mailer",
    "inventory",
    "profile",
    "ledger",
    "shipping",
    "web",
    "api",
    "worker",
    "batch",
    "report",
    "audit",
    "pricing",
    "stock",
    "basket",
    "media",
    "feed",
    "notifier",
    "importer",
    "exporter",
    "sync",
    "planner",
    "relay",
    "tracker"
  };

  /** Names that sound like trouble: what a thing is called says nothing about how it fares. */
  private static final String[] MISLEADING = {
    "health-probe",
    "node-agent",
    "auth-service",
    "dns-autoscaler",
    "storage-provisioner",
    "quota-operator",
    "scheduler-ui",
    "network-policy",
    "image-cache",
    "config-reloader",
    "secret-sync",
    "error-pages",
    "memory-cache",
    "retry-queue",
    "crash-reporter",
    "token-issuer",
    "disk-exporter",
    "volume-manager",
    "alert-router",
    "timeout-guard",
    "limit-ranger",
    "certificate-watcher",
    "probe-runner",
    "fail-counter"
  };

  private static final String[] REGISTRIES = {
    "registry.local/",
    "quay.example.org/team/",
    "ghcr.example.com/",
    "docker.example.io:5000/",
    "",
    "images.example.net:443/base/"
  };
  private static final String[] NAMESPACES = {
    "default", "prod", "staging", "shop", "kube-system", "monitoring", "team-blue", "data"
  };
  private static final String[] USERS = {
    "alice", "bob", "carol", "svc-deploy", "admin", "root", "guest", "jenkins", "app", "operator"
  };
  private static final String[] CLASSES = {
    "OrderService", "UserController", "PaymentClient", "CatalogRepository", "JobRunner",
    "SessionManager", "ReportBuilder", "TokenFilter", "StockListener", "InvoiceMapper"
  };
  private static final String[] METHODS = {
    "getOrder",
    "findAll",
    "save",
    "handle",
    "process",
    "createUser",
    "update",
    "run",
    "apply",
    "load",
    "queryInfo",
    "cancelOrder",
    "doWork",
    "computeTotal",
    "render"
  };
  private static final String[] KEYS = {
    "database.url",
    "timeout",
    "replicas",
    "maxSize",
    "apiKey",
    "region",
    "user_id",
    "retries",
    "bucket",
    "logLevel"
  };
  private static final String[] FOLDERS = {
    "/var/lib", "/etc", "/opt/app", "/data", "/tmp", "/usr/share", "/api/v1", "/srv", "/mnt/disk1"
  };

  private static final String[] NOUNS = {
    "table", "river", "letter", "basket", "window", "garden", "paper", "engine", "picture",
    "ticket", "market", "chapter", "corner", "bridge", "song", "wheel", "lesson", "field", "parcel",
    "clock", "item", "record", "entry", "job", "task", "page", "group", "event", "report", "plan",
    "stream", "shelf", "station", "counter", "product", "invoice", "sample", "block", "step",
    "section"
  };
  private static final String[] ADJECTIVES = {
    "green", "new", "small", "round", "second", "early", "blue", "plain", "warm", "steady", "large",
    "fresh", "short", "open", "bright", "usual", "quiet", "final", "weekly", "shared"
  };

  /** Plain verbs: stem, and what comes before -ed and -ing. */
  private static final String[][] VERBS = {
    {"pack", "pack"},
    {"count", "count"},
    {"move", "mov"},
    {"sort", "sort"},
    {"paint", "paint"},
    {"print", "print"},
    {"visit", "visit"},
    {"collect", "collect"},
    {"order", "order"},
    {"measure", "measur"},
    {"turn", "turn"},
    {"follow", "follow"},
    {"merge", "merg"},
    {"publish", "publish"},
    {"arrange", "arrang"},
    {"copy", "copy"},
    {"store", "stor"},
    {"render", "render"},
    {"select", "select"},
    {"link", "link"},
    {"export", "export"},
    {"refresh", "refresh"},
    {"compute", "comput"},
    {"index", "index"},
    {"archive", "archiv"}
  };

  private static final String[] ONSETS = {
    "b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "br", "gl", "st", "tr", "z"
  };
  private static final String[] RIMES = {
    "a", "e", "i", "o", "u", "an", "el", "in", "or", "us", "ar", "im", "on", "ex", "al"
  };

  private final Random random;

  TrainingSlots(Random random) {
    this.random = random;
  }

  static boolean known(String slot) {
    return KNOWN.contains(slot);
  }

  private String one(String[] of) {
    return of[random.nextInt(of.length)];
  }

  private String hex(int digits) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < digits; i++) {
      out.append(Character.forDigit(random.nextInt(16), 16));
    }
    return out.toString();
  }

  private int number() {
    return switch (random.nextInt(3)) {
      case 0 -> 1 + random.nextInt(9);
      case 1 -> 10 + random.nextInt(990);
      default -> 1000 + random.nextInt(900_000);
    };
  }

  private String name() {
    return random.nextInt(4) == 0 ? one(MISLEADING) : one(NAMES);
  }

  /** A word that means nothing. */
  private String word() {
    StringBuilder out = new StringBuilder();
    for (int i = 2 + random.nextInt(2); i > 0; i--) {
      out.append(one(ONSETS)).append(one(RIMES));
    }
    return out.toString();
  }

  private String verb(int form, String ending) {
    return VERBS[random.nextInt(VERBS.length)][form] + ending;
  }

  private String ip() {
    return "10."
        + random.nextInt(256)
        + "."
        + random.nextInt(256)
        + "."
        + (1 + random.nextInt(254));
  }

  String value(String slot) {
    return switch (slot) {
      case "pod" -> name() + "-" + hex(9) + "-" + hex(5);
      case "ns" -> one(NAMESPACES);
      case "host" -> one(NAMES) + "." + one(NAMESPACES) + ".svc.cluster.local";
      case "ip" -> ip();
      case "port" -> Integer.toString(1024 + random.nextInt(60_000));
      case "n" -> Integer.toString(number());
      case "d" -> Integer.toString(random.nextInt(10));
      case "ms" -> Integer.toString(5 + random.nextInt(60_000));
      case "path" -> one(FOLDERS) + "/" + one(NAMES);
      case "image" -> one(REGISTRIES) + name() + ":v1." + random.nextInt(30);
      case "id" -> hex(8) + "-" + hex(4) + "-" + hex(4) + "-" + hex(4) + "-" + hex(12);
      case "user" -> one(USERS);
      case "svc", "name", "file" -> name();
      case "node" -> "node-" + random.nextInt(40);
      case "pct" -> Integer.toString(81 + random.nextInt(19));
      case "size" -> (1 + random.nextInt(900)) + one(new String[] {"Mi", "Gi", " MB", " KB"});
      case "db" -> one(NAMES) + "db";
      case "table" -> one(NAMES) + "_items";
      case "topic" -> one(NAMES) + ".events";
      case "Class" -> one(CLASSES);
      case "method" -> one(METHODS);
      case "url" -> "http://" + one(NAMES) + ":" + (8000 + random.nextInt(999)) + "/" + one(NAMES);
      case "key" -> one(KEYS);
      case "KEY" -> one(KEYS).replace('.', '_').toUpperCase(Locale.ROOT);
      case "time" -> "2026-01-" + (10 + random.nextInt(18)) + "T10:" + (10 + random.nextInt(49));
      case "hex" -> hex(12);
      case "b" -> random.nextBoolean() ? "true" : "false";
      case "word" -> word();
      case "Word" -> {
        String word = word();
        yield word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
      }
      case "noun" -> one(NOUNS);
      case "adj" -> one(ADJECTIVES);
      case "verb" -> verb(0, "");
      case "verbed" -> verb(1, "ed");
      case "verbing" -> verb(1, "ing");
      case "pkg" -> "com." + one(NAMES) + "." + one(NAMES);
      default -> slot;
    };
  }
}
