package io.devopscopilot.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.devopscopilot.api.KnowledgeBase;
import io.devopscopilot.api.KnowledgeBase.Passage;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What every {@link KnowledgeBase} must do. Extend it, and answer with an empty one each time. */
public abstract class KnowledgeBaseContract {
  private static final Passage MEMORY =
      passage("m1", "memory.md", "The container was killed because it ran out of memory.");
  private static final Passage IMAGE =
      passage("i1", "image.md", "The image cannot be pulled from the registry.");
  private static final Passage DNS =
      passage("d1", "dns.md", "The host name does not resolve; look at the cluster's DNS pods.");

  /** An empty knowledge base. */
  protected abstract KnowledgeBase newKnowledgeBase() throws Exception;

  /** A passage with weight 1. */
  protected static Passage passage(String id, String document, String text) {
    return new Passage(id, document, "Heading", text, 1, 2, 1);
  }

  private KnowledgeBase filled() throws Exception {
    KnowledgeBase knowledge = newKnowledgeBase();
    for (Passage p : List.of(MEMORY, IMAGE, DNS)) {
      knowledge.put(p.document(), List.of(p));
    }
    return knowledge;
  }

  @Test
  @DisplayName("finds the passage that fits best first, with falling scores from 0 to 1")
  void findsTheBestFirst() throws Exception {
    try (KnowledgeBase knowledge = filled()) {
      List<KnowledgeBase.Hit> hits = knowledge.search("image cannot be pulled", 3);
      assertThat(hits.get(0).passage()).isEqualTo(IMAGE);
      assertThat(hits).allSatisfy(h -> assertThat(h.score()).isBetween(0.0, 1.0));
      for (int i = 1; i < hits.size(); i++) {
        assertThat(hits.get(i).score()).isLessThanOrEqualTo(hits.get(i - 1).score());
      }
    }
  }

  @Test
  @DisplayName("putting the same document twice changes nothing")
  void putTwice() throws Exception {
    try (KnowledgeBase knowledge = filled()) {
      knowledge.put(IMAGE.document(), List.of(IMAGE));
      assertThat(knowledge.documents())
          .containsExactlyInAnyOrder("memory.md", "image.md", "dns.md");
      assertThat(knowledge.search("image registry", 10))
          .extracting(h -> h.passage().id())
          .doesNotHaveDuplicates();
    }
  }

  @Test
  @DisplayName("replaces what changed and removes what is gone")
  void replacesAndRemoves() throws Exception {
    try (KnowledgeBase knowledge = filled()) {
      Passage changed = passage("i2", "image.md", "Ask the platform team for a pull secret.");
      knowledge.put("image.md", List.of(changed));
      assertThat(knowledge.passage("i1")).isEmpty();
      assertThat(knowledge.passage("i2")).contains(changed);
      knowledge.put("image.md", List.of());
      assertThat(knowledge.documents()).doesNotContain("image.md");
      assertThat(knowledge.passage("i2")).isEmpty();
    }
  }

  @Test
  @DisplayName("answers an empty index, an odd query and a limit of 1 without failing")
  void oddQueries() throws Exception {
    try (KnowledgeBase empty = newKnowledgeBase();
        KnowledgeBase knowledge = filled()) {
      assertThat(empty.search("anything", 5)).isEmpty();
      assertThat(knowledge.search("memory", 1)).hasSizeLessThanOrEqualTo(1);
      for (String query : List.of("", "   ", "\u0000", "(\"[{*?~^:/\\", "x".repeat(100_000))) {
        assertThat(knowledge.search(query, 5)).hasSizeLessThanOrEqualTo(5);
      }
    }
  }

  @Test
  @DisplayName("refuses a limit outside 1 to 100 and names it")
  void refusesLimits() throws Exception {
    try (KnowledgeBase knowledge = filled()) {
      assertThatThrownBy(() -> knowledge.search("memory", 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("0");
      assertThatThrownBy(() -> knowledge.search("memory", 101))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("101");
    }
  }
}
