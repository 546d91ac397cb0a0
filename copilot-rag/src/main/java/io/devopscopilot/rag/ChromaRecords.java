package io.devopscopilot.rag;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.langchain4j.data.document.Metadata;
import dev.langchain4j.data.segment.TextSegment;
import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.KnowledgeBase.Passage;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads all records of a Chroma collection, page by page: the store of LangChain4j has no such
 * call.
 */
final class ChromaRecords {
  static final String TENANT = "default_tenant";
  static final String DATABASE = "default_database";
  private static final int PAGE = 500;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final URI collections;
  private final String collection;

  ChromaRecords(URI server, String collection) {
    String base = server.toString().replaceFirst("/+$", "");
    this.collections =
        URI.create(base + "/api/v2/tenants/" + TENANT + "/databases/" + DATABASE + "/collections");
    this.collection = collection;
  }

  static TextSegment segment(Passage p) {
    Metadata data =
        new Metadata()
            .put("document", p.document())
            .put("heading", p.heading())
            .put("first", p.firstLine())
            .put("last", p.lastLine())
            .put("weight", p.weight())
            .put("embedding", Embedder.ID);
    return TextSegment.from(p.text(), data);
  }

  /** All passages of this embedding model; those of another one are left out and stored anew. */
  List<Passage> all() {
    List<Passage> out = new ArrayList<>();
    Optional<JsonNode> found = ModelBoundary.get(URI.create(collections + "/" + collection));
    if (found.isEmpty()) {
      return out;
    }
    URI get = URI.create(collections + "/" + found.get().path("id").asText() + "/get");
    for (int offset = 0; ; offset += PAGE) {
      JsonNode page =
          ModelBoundary.post(
              get,
              "{\"limit\":"
                  + PAGE
                  + ",\"offset\":"
                  + offset
                  + ",\"include\":[\"documents\",\"metadatas\"]}");
      for (int i = 0; i < page.path("ids").size(); i++) {
        JsonNode data = page.path("metadatas").path(i);
        if (data.path("embedding").asText().equals(Embedder.ID)) {
          out.add(
              new Passage(
                  page.path("ids").path(i).asText(),
                  data.path("document").asText(),
                  data.path("heading").asText(),
                  page.path("documents").path(i).asText(),
                  data.path("first").asInt(),
                  data.path("last").asInt(),
                  data.path("weight").asDouble(1)));
        }
      }
      if (page.path("ids").size() < PAGE) {
        return out;
      }
    }
  }

  void drop() {
    ModelBoundary.delete(URI.create(collections + "/" + collection));
  }

  static JsonNode parse(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      throw new CopilotException("the server's answer is not JSON: " + e.getMessage(), e, true);
    }
  }
}
