package io.devopscopilot.examples;

import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.LogSource;
import io.devopscopilot.api.Origin;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * A scripted namespace {@code shop} on a bad day: eleven services in eleven log formats over
 * {@value #MINUTES} minutes. A release makes checkout keep every basket in memory: its heap grows,
 * the kernel kills it again and again, callers time out and retry. Beside it stand things that are
 * no incident: a nightly batch, a cache that misses, a certificate that has weeks to go, some wrong
 * passwords. The same seed gives the same lines.
 */
final class ShopSample implements LogSource {
  static final int MINUTES = 40;
  private static final String STREAM = "shop-sample";
  private static final long SEED = 20_260_105;
  private static final int OOM_1 = 24 * 60;
  private static final int OOM_2 = 30 * 60;
  private static final int OOM_3 = 35 * 60;

  private static final Origin FRONTEND = pod("frontend", "6d4cf56db6-b7xkp", "nginx");
  private static final Origin GATEWAY = pod("gateway", "7f9c5b8d4-q2m5t", "gateway");
  private static final Origin CHECKOUT = pod("checkout", "7c9f6d5b8-x2x4z", "checkout");
  private static final Origin CART = pod("cart", "5b8d7c9f6-n8v2c", "cart");
  private static final Origin PAYMENTS = pod("payments", "84dc6b7f5-k4t9w", "payments");
  private static final Origin CATALOG = pod("catalog", "66b5f9c7d-z7j6r", "catalog");
  private static final Origin ORDERS = pod("orders", "59f7b6c8d-m3s8h", "orders");
  private static final Origin SEARCH = pod("search", "78c4d5f6b-t5w2g", "search");
  private static final Origin POSTGRES = set("postgres", "postgres-0", "StatefulSet/postgres");
  private static final Origin REDIS = set("redis", "redis-0", "StatefulSet/redis");
  private static final Origin REPORT =
      set("nightly-report", "nightly-report-29461-c9d7x", "Job/nightly-report-29461");

  private static final DateTimeFormatter ISO = format("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'");
  private static final DateTimeFormatter SPACE = format("yyyy-MM-dd HH:mm:ss.SSS");
  private static final DateTimeFormatter COMMA = format("yyyy-MM-dd HH:mm:ss,SSS");
  private static final DateTimeFormatter NGINX = format("dd/MMM/yyyy:HH:mm:ss");
  private static final DateTimeFormatter REDIS_TIME = format("dd MMM yyyy HH:mm:ss.SSS");

  private final Instant start;
  private final List<LogRecord> records = new ArrayList<>();
  private int next;
  private boolean closed;

  /** The sample whose last line is at about {@code end}. */
  ShopSample(Instant end) {
    this.start = end.minus(Duration.ofMinutes(MINUTES));
    new Script(new SplittableRandom(SEED)).play();
    records.sort(Comparator.comparing(LogRecord::timestamp));
    for (int i = 0; i < records.size(); i++) {
      records.set(i, records.get(i).at(new LogRecord.Position(STREAM, Integer.toString(i + 1))));
    }
  }

  private static DateTimeFormatter format(String pattern) {
    return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).withZone(ZoneOffset.UTC);
  }

  private static Origin pod(String service, String suffix, String container) {
    return set(service, service + "-" + suffix, "Deployment/" + service, container);
  }

  private static Origin set(String service, String pod, String owner) {
    return set(service, pod, owner, service);
  }

  private static Origin set(String service, String pod, String owner, String container) {
    return Origin.builder()
        .namespace("shop")
        .service(service)
        .pod(pod)
        .podUid("sample-" + pod)
        .container(container)
        .node("node-" + (1 + Math.floorMod(service.hashCode(), 3)))
        .owner(owner)
        .labels(Map.of("app", service))
        .build();
  }

  /** All records, oldest first. */
  List<LogRecord> records() {
    return List.copyOf(records);
  }

  @Override
  public void resume(Map<String, String> positions) {
    next = Integer.parseInt(positions.getOrDefault(STREAM, "0"));
  }

  @Override
  public int poll(Consumer<? super LogRecord> sink, int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("limit is " + limit + ", must be 1 or more");
    }
    if (closed || next >= records.size()) {
      return ENDED;
    }
    int n = 0;
    while (n < limit && next < records.size()) {
      sink.accept(records.get(next));
      next++;
      n++;
    }
    return n;
  }

  @Override
  public Map<String, Long> counters() {
    return Map.of("sample.lines", (long) records.size());
  }

  @Override
  public void close() {
    closed = true;
  }

  /** What happens, second by second. */
  private final class Script {
    private final SplittableRandom random;
    private final Map<Origin, Origin> restarted = new HashMap<>();
    private int restarts;
    private int order = 48_210;

    Script(SplittableRandom random) {
      this.random = random;
    }

    private Instant at(double second) {
      return start.plusMillis((long) (second * 1000)).plusNanos(random.nextInt(1_000_000));
    }

    private void line(double second, Origin origin, DateTimeFormatter format, String text) {
      Instant time = at(second);
      records.add(
          LogRecord.of(
              time,
              text.replace("%t", format.format(time)),
              restarted.getOrDefault(origin, origin)));
    }

    private void event(double second, Origin origin, boolean warning, String reason, String text) {
      records.add(
          LogRecord.event(
              at(second),
              text,
              restarted.getOrDefault(origin, origin),
              Map.of(
                  LogRecord.ATTR_REASON,
                  reason,
                  LogRecord.ATTR_EVENT_TYPE,
                  warning ? "Warning" : "Normal",
                  LogRecord.ATTR_OBJECT,
                  "Pod/" + origin.pod())));
    }

    private String pick(String... texts) {
      return texts[random.nextInt(texts.length)];
    }

    void play() {
      release();
      for (int second = 0; second < MINUTES * 60; second++) {
        if (second == OOM_1 || second == OOM_2 || second == OOM_3) {
          kill(second);
        }
        traffic(second);
        background(second);
        heap(second);
      }
    }

    private boolean down(int second) {
      return within(second, OOM_1, 28) || within(second, OOM_2, 45) || within(second, OOM_3, 80);
    }

    private boolean within(int second, int from, int length) {
      return second >= from && second < from + length;
    }

    private boolean slow(int second) {
      return within(second, OOM_1 - 150, 150)
          || within(second, OOM_2 - 60, 60)
          || within(second, OOM_3 - 45, 45);
    }

    private void release() {
      event(
          11 * 60 + 2,
          CHECKOUT,
          false,
          "Pulled",
          "Container image \"registry.local/shop/checkout:2.14.0\" already present on machine");
      event(11 * 60 + 3, CHECKOUT, false, "Started", "Started container checkout");
      line(
          11 * 60 + 5,
          CHECKOUT,
          SPACE,
          "%t  INFO 1 --- [main] c.s.checkout.CheckoutApplication : Started CheckoutApplication 2.14.0 in 6.3 seconds");
      line(
          11 * 60 + 6,
          CHECKOUT,
          SPACE,
          "%t  INFO 1 --- [main] c.s.checkout.BasketHistory : Basket history kept in memory, eviction disabled");
    }

    private void traffic(int second) {
      int requests = random.nextInt(100) < 70 ? 1 : 0;
      for (int i = 0; i < requests; i++) {
        request(second + random.nextDouble());
      }
      if (random.nextInt(100) < 22) {
        checkout(second);
      }
    }

    private void request(double at) {
      String trace = Long.toHexString(random.nextLong() | Long.MIN_VALUE);
      int millis = 8 + random.nextInt(60);
      String path =
          pick(
              "/",
              "/products",
              "/products/" + random.nextInt(900),
              "/search?q=" + pick("lamp", "chair", "desk"),
              "/cart");
      line(
          at,
          FRONTEND,
          NGINX,
          "10.244."
              + random.nextInt(4)
              + "."
              + random.nextInt(250)
              + " - - [%t +0000] \"GET "
              + path
              + " HTTP/1.1\" 200 "
              + (300 + random.nextInt(9000))
              + " \"-\" \"Mozilla/5.0\" rt=0.0"
              + millis);
      line(
          at,
          GATEWAY,
          ISO,
          "ts=%t level=info caller=proxy.go:88 msg=\"request served\" trace="
              + trace
              + " path="
              + path
              + " status=200 duration="
              + millis
              + "ms");
      if (path.startsWith("/products")) {
        line(
            at,
            CATALOG,
            SPACE,
            "info: Shop.Catalog.ProductController[0] Product list served in "
                + millis / 2
                + " ms from "
                + pick("cache", "database"));
      } else if (path.startsWith("/search")) {
        line(
            at,
            SEARCH,
            ISO,
            "{\"level\":\"info\",\"ts\":\"%t\",\"caller\":\"search/query.go:41\",\"msg\":\"query done\",\"hits\":"
                + random.nextInt(80)
                + ",\"took_ms\":"
                + millis / 3
                + "}");
      } else if (path.equals("/cart")) {
        pino(at, 30, "basket read", "\"items\":" + random.nextInt(6));
      }
    }

    private void pino(double at, int level, String text, String more) {
      long millis = at(at).toEpochMilli();
      line(
          at,
          CART,
          ISO,
          "{\"level\":"
              + level
              + ",\"time\":"
              + millis
              + ",\"pid\":1,\"msg\":\""
              + text
              + "\","
              + more
              + "}");
    }

    private void checkout(int second) {
      order++;
      double at = second + random.nextDouble();
      if (down(second)) {
        line(
            at,
            GATEWAY,
            ISO,
            "ts=%t level=error caller=proxy.go:131 msg=\"upstream failed\" upstream=checkout:8080 err=\"dial tcp 10.96.14.7:8080: connect: connection refused\"");
        line(
            at,
            FRONTEND,
            NGINX,
            "10.244.1."
                + random.nextInt(250)
                + " - - [%t +0000] \"POST /checkout HTTP/1.1\" 502 157 \"-\" \"Mozilla/5.0\" rt=0.003");
        pino(
            at + 0.2,
            40,
            "checkout not reachable, trying again",
            "\"attempt\":" + (1 + random.nextInt(3)) + ",\"err\":\"ECONNREFUSED 10.96.14.7:8080\"");
        if (random.nextInt(3) == 0) {
          pino(
              at + 1.1,
              50,
              "giving up on checkout after 3 attempts",
              "\"err\":\"ECONNREFUSED 10.96.14.7:8080\"");
        }
        return;
      }
      boolean slow = slow(second);
      int millis = slow ? 2_000 + random.nextInt(6_000) : 40 + random.nextInt(120);
      line(
          at,
          CHECKOUT,
          SPACE,
          "%t  INFO 1 --- [nio-8080-exec-"
              + (1 + random.nextInt(9))
              + "] c.s.checkout.CheckoutService : Order "
              + order
              + " placed in "
              + millis
              + " ms");
      if (slow && random.nextInt(2) == 0) {
        line(
            at,
            GATEWAY,
            ISO,
            "ts=%t level=warn caller=proxy.go:140 msg=\"slow upstream\" upstream=checkout:8080 duration="
                + millis
                + "ms");
        pino(at + 2, 40, "checkout answered late", "\"took_ms\":" + millis);
        return;
      }
      line(
          at + 0.02,
          PAYMENTS,
          COMMA,
          "%t INFO payments.api: authorised order "
              + order
              + " with provider "
              + pick("alpha", "beta")
              + " in "
              + (30 + random.nextInt(90))
              + " ms");
      line(
          at + 0.04,
          ORDERS,
          COMMA,
          "%t INFO  [worker-"
              + random.nextInt(4)
              + "] com.shop.orders.OrderWriter - Order "
              + order
              + " stored");
      if (random.nextInt(60) == 0) {
        line(
            at,
            PAYMENTS,
            COMMA,
            "%t WARNING payments.api: card declined for order " + order + " by the issuer");
      }
    }

    private void background(int second) {
      if (second % 20 == 7) {
        line(
            second,
            POSTGRES,
            SPACE,
            "%t UTC [27] LOG:  checkpoint complete: wrote "
                + (40 + random.nextInt(200))
                + " buffers");
        line(second, REDIS, REDIS_TIME, "1:M %t * Background saving terminated with success");
      }
      if (second % 90 == 12) {
        line(
            second,
            CATALOG,
            SPACE,
            "warn: Shop.Catalog.PriceCache[3] Cache miss ratio "
                + (31 + random.nextInt(9))
                + " percent, warming up");
      }
      if (second % 420 == 200) {
        line(
            second,
            GATEWAY,
            ISO,
            "ts=%t level=warn caller=tls.go:57 msg=\"certificate expires in 23 days\" host=shop.example");
      }
      if (second == 8 * 60 || second == 8 * 60 + 4 || second == 8 * 60 + 9) {
        line(
            second,
            GATEWAY,
            ISO,
            "ts=%t level=warn caller=login.go:73 msg=\"login failed: wrong password\" user=anna");
      }
      if (second >= 15 * 60 && second < 21 * 60 && second % 4 == 0) {
        line(
            second,
            REPORT,
            COMMA,
            "%t INFO report: " + (second - 900) * 25 + " of 9000 rows exported");
      }
      if (second == 21 * 60 + 1) {
        line(second, REPORT, COMMA, "%t INFO report: finished, exit code 0");
        event(second + 1, REPORT, false, "Completed", "Job completed");
      }
      if (second % 300 == 150) {
        line(
            second,
            POSTGRES,
            SPACE,
            "%t UTC [31] LOG:  duration: "
                + (510 + random.nextInt(200))
                + ".2 ms  statement: SELECT sum(total) FROM orders");
      }
    }

    /** Memory of checkout at a second, in MiB of 512. */
    private int memory(int second) {
      int begin =
          second < OOM_1
              ? 11 * 60
              : second < OOM_2 ? OOM_1 + 28 : second < OOM_3 ? OOM_2 + 45 : OOM_3 + 80;
      int end =
          second < OOM_1 ? OOM_1 : second < OOM_2 ? OOM_2 : second < OOM_3 ? OOM_3 : OOM_3 + 700;
      if (second < 11 * 60) {
        return 205 + random.nextInt(12);
      }
      return Math.min(
          510, 210 + (int) (302.0 * (second - begin) / (end - begin)) + random.nextInt(6));
    }

    private void heap(int second) {
      if (second % 15 != 3 || down(second)) {
        return;
      }
      int used = memory(second);
      line(
          second,
          CHECKOUT,
          SPACE,
          "%t  INFO 1 --- [metrics] c.s.checkout.MemoryReport : memory used "
              + used
              + " MiB of 512 MiB, baskets held "
              + (used - 180) * 37);
      if (used > 440) {
        line(
            second + 0.3,
            CHECKOUT,
            SPACE,
            "%t  WARN 1 --- [gc] c.s.checkout.GcMonitor : GC pause "
                + (400 + (used - 440) * 30)
                + " ms, heap nearly full");
      }
      if (used > 485) {
        event(
            second + 1,
            CHECKOUT,
            true,
            "Unhealthy",
            "Readiness probe failed: Get \"http://10.244.2.17:8080/ready\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)");
      }
    }

    private void kill(int second) {
      if (second != OOM_2) {
        line(
            second - 0.4,
            CHECKOUT,
            SPACE,
            "%t ERROR 1 --- [nio-8080-exec-4] c.s.checkout.CheckoutService : Order "
                + order
                + " failed\njava.lang.OutOfMemoryError: Java heap space\n\tat com.shop.checkout.BasketHistory.append(BasketHistory.java:58)\n\tat com.shop.checkout.CheckoutService.place(CheckoutService.java:114)");
      }
      event(
          second,
          CHECKOUT,
          true,
          "OOMKilling",
          "Memory cgroup out of memory: Killed process 4127 (java) total-vm:3214540kB, anon-rss:523980kB");
      restarts++;
      event(
          second + 2,
          CHECKOUT,
          true,
          "OOMKilled",
          "Container checkout was OOMKilled with exit code 137, memory limit 512Mi");
      if (restarts > 1) {
        event(
            second + 6,
            CHECKOUT,
            true,
            "BackOff",
            "Back-off restarting failed container checkout in pod " + CHECKOUT.pod() + "_shop");
      }
      restarted.put(
          CHECKOUT,
          new Origin(
              CHECKOUT.namespace(),
              CHECKOUT.service(),
              CHECKOUT.pod(),
              CHECKOUT.podUid(),
              CHECKOUT.container(),
              CHECKOUT.node(),
              CHECKOUT.owner(),
              restarts,
              CHECKOUT.labels()));
      int up = second == OOM_1 ? 28 : second == OOM_2 ? 45 : 80;
      event(second + up - 8, CHECKOUT, false, "Started", "Started container checkout");
      line(
          second + up - 1,
          CHECKOUT,
          SPACE,
          "%t  INFO 1 --- [main] c.s.checkout.CheckoutApplication : Started CheckoutApplication 2.14.0 in 6.1 seconds");
    }
  }
}
