package io.devopscopilot.rag;

import io.devopscopilot.api.KnowledgeBase;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import io.devopscopilot.api.Severity;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;

/** A small cluster with troubles, for tests. */
final class Shop {
  static final Instant NOW = Instant.parse("2026-03-02T10:30:00Z");
  static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
  static final Origin ORDERS = pod("orders", "orders-6d5f7c9b8-x2x4z", 1);
  static final Origin CART = pod("cart", "cart-5b4d9f7c6-aaaaa", 0);
  static final Origin SEARCH = pod("search", "search-7f6b5c4d3-bbbbb", 0);

  private Shop() {}

  static Origin pod(String service, String pod, int restarts) {
    return Origin.builder()
        .namespace("shop")
        .service(service)
        .pod(pod)
        .podUid("uid-" + pod)
        .container("main")
        .node("node-1")
        .restartCount(restarts)
        .build();
  }

  static ListLogStore store() {
    ListLogStore store = new ListLogStore();
    Instant start = NOW.minusSeconds(1800);
    for (int i = 0; i < 20; i++) {
      store.add(
          Severity.ERROR,
          LogRecord.of(
              start.plusSeconds(i * 10L),
              "could not connect to orders-db:5432: connection refused, attempt " + i,
              ORDERS));
      store.add(
          Severity.INFO, LogRecord.of(start.plusSeconds(i * 10L), "served request " + i, SEARCH));
    }
    store.add(
        Severity.WARN,
        LogRecord.event(
            start.plusSeconds(300),
            "Back-off restarting failed container main in pod orders-6d5f7c9b8-x2x4z",
            ORDERS,
            Map.of(LogRecord.ATTR_REASON, "BackOff", LogRecord.ATTR_EVENT_TYPE, "Warning")));
    store.add(
        Severity.WARN,
        LogRecord.event(
            start.plusSeconds(400),
            "Failed to pull image \"registry.example/cart:9\": manifest unknown",
            CART,
            Map.of(LogRecord.ATTR_REASON, "Failed", LogRecord.ATTR_EVENT_TYPE, "Warning")));
    store.flush();
    return store;
  }

  static KnowledgeBase knowledge() {
    KnowledgeBase knowledge = LuceneKnowledgeBase.inMemory();
    String text =
        "# Orders runbook\n\n## The database refuses connections\n\n"
            + "When orders cannot connect to orders-db, check that the database pod is running"
            + " and that its service has endpoints.\n\n"
            + "```\nkubectl -n <namespace> get pods -l app=orders-db\n```\n";
    knowledge.put(
        "runbooks/orders.md", DocumentFolder.passages("runbooks/orders.md", "orders.md", text, 2));
    return knowledge;
  }

  static PassageAnswerer answerer() {
    return new PassageAnswerer(knowledge(), Optional.of(store()), Optional.empty(), CLOCK);
  }
}
