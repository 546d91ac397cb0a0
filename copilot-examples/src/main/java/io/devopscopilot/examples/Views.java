package io.devopscopilot.examples;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.devopscopilot.api.Answerer;
import io.devopscopilot.api.Issue;
import io.devopscopilot.api.KnowledgeBase.Passage;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.LogStore.Group;
import io.devopscopilot.api.LogStore.Stored;
import io.devopscopilot.api.Origin;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.List;

/** The JSON that the server and the commands show. */
final class Views {
  static final ObjectMapper JSON = new ObjectMapper();

  private Views() {}

  static ObjectNode object() {
    return JSON.createObjectNode();
  }

  static void send(Context ctx, JsonNode node) throws IOException {
    ctx.contentType("application/json").result(JSON.writeValueAsBytes(node));
  }

  static ObjectNode stored(Stored s) {
    ObjectNode node = record(s.record());
    node.put("id", s.id());
    node.put("severity", s.severity().name());
    node.put("severityProbability", rounded(s.severityProbability()));
    node.put("category", s.category());
    node.put("categoryProbability", rounded(s.categoryProbability()));
    node.put("fingerprint", fingerprint(s.fingerprint()));
    return node;
  }

  static ObjectNode record(LogRecord r) {
    ObjectNode node = object();
    node.put("timestamp", r.timestamp().toString());
    node.put("message", r.message());
    node.put("kind", r.kind().name());
    Origin o = r.origin();
    node.put("namespace", o.namespace());
    node.put("service", o.service());
    node.put("pod", o.pod());
    node.put("container", o.container());
    node.put("node", o.node());
    node.put("restartCount", o.restartCount());
    ObjectNode attributes = node.putObject("attributes");
    r.attributes().forEach(attributes::put);
    ArrayNode flags = node.putArray("flags");
    r.flags().forEach(f -> flags.add(f.name()));
    return node;
  }

  static ObjectNode group(Group g) {
    ObjectNode node = object();
    node.put("fingerprint", fingerprint(g.fingerprint()));
    node.put("count", g.count());
    node.put("first", g.first().toString());
    node.put("last", g.last().toString());
    node.set("sample", stored(g.sample()));
    return node;
  }

  static ObjectNode answer(Answerer.Answer a) {
    ObjectNode node = object();
    node.put("answer", a.text());
    node.put("answered", a.answered());
    node.set("citations", citations(a.citations()));
    ArrayNode suggestions = node.putArray("suggestions");
    for (Answerer.Suggestion s : a.suggestions()) {
      ObjectNode one = suggestions.addObject().put("action", s.action()).put("why", s.why());
      one.set("citations", citations(s.citations()));
    }
    node.put("model", a.model());
    ArrayNode notes = node.putArray("notes");
    a.notes().forEach(notes::add);
    return node;
  }

  private static ArrayNode citations(List<Answerer.Citation> citations) {
    ArrayNode array = JSON.createArrayNode();
    for (Answerer.Citation c : citations) {
      array
          .addObject()
          .put("id", c.id())
          .put("kind", c.kind())
          .put("source", c.source())
          .put("text", c.text())
          .put("score", rounded(c.score()));
    }
    return array;
  }

  static ObjectNode issue(IssueBoard.Entry entry) {
    Issue i = entry.issue();
    ObjectNode node = object();
    node.put("id", i.id());
    node.put("state", i.state().name());
    node.put("category", i.category());
    node.put("probability", rounded(i.probability()));
    node.put("horizonSeconds", i.horizon().toSeconds());
    node.put("namespace", i.namespace());
    node.put("service", i.service());
    node.put("title", i.title());
    node.put("opened", i.opened().toString());
    node.put("updated", i.updated().toString());
    i.resolved().ifPresent(t -> node.put("resolved", t.toString()));
    ArrayNode evidence = node.putArray("evidence");
    i.evidence().forEach(r -> evidence.add(record(r)));
    ArrayNode fingerprints = node.putArray("fingerprints");
    i.fingerprints().forEach(f -> fingerprints.add(fingerprint(f)));
    node.set("answer", answer(entry.answer()));
    node.put("predictedSecondsBefore", entry.lead().toSeconds());
    ArrayNode history = node.putArray("history");
    for (IssueBoard.Step s : entry.history()) {
      history
          .addObject()
          .put("at", s.at().toString())
          .put("state", s.state().name())
          .put("probability", rounded(s.probability()))
          .put("horizonSeconds", s.horizon().toSeconds())
          .put("title", s.title());
    }
    return node;
  }

  static ObjectNode passage(Passage p) {
    return object()
        .put("id", p.id())
        .put("document", p.document())
        .put("heading", p.heading())
        .put("text", p.text())
        .put("firstLine", p.firstLine())
        .put("lastLine", p.lastLine());
  }

  static String fingerprint(long fingerprint) {
    return String.format("%016x", fingerprint);
  }

  static double rounded(double value) {
    return Math.round(value * 10_000) / 10_000.0;
  }
}
