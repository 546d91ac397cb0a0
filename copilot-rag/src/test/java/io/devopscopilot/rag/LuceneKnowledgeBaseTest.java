package io.devopscopilot.rag;

import static org.assertj.core.api.Assertions.assertThat;

import io.devopscopilot.api.KnowledgeBase;
import io.devopscopilot.testkit.KnowledgeBaseContract;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LuceneKnowledgeBaseTest extends KnowledgeBaseContract {
  @TempDir private Path folder;

  @Override
  protected KnowledgeBase newKnowledgeBase() {
    return LuceneKnowledgeBase.inMemory();
  }

  @Test
  void keepsAFolderInStepAndSurvivesBeingClosed() throws Exception {
    Path docs = Files.createDirectories(folder.resolve("docs"));
    Files.writeString(docs.resolve("oom.md"), "# Out of memory\n\nRaise the memory limit.\n");
    Files.writeString(docs.resolve("dns.md"), "# Names\n\nLook at the DNS pods.\n");
    Files.writeString(docs.resolve("picture.png"), "not a document");
    DocumentFolder source = DocumentFolder.of("runbooks", docs);
    try (KnowledgeBase some = LuceneKnowledgeBase.inMemory()) {
      assertThat(source.glob("*s.md").sync(some).documents()).isEqualTo(1);
    }
    try (KnowledgeBase knowledge = LuceneKnowledgeBase.open(folder.resolve("index"))) {
      assertThat(source.sync(knowledge)).isEqualTo(new DocumentFolder.Result(2, 2, 0, List.of()));
      assertThat(source.sync(knowledge).changed()).isZero();
    }
    Files.writeString(docs.resolve("dns.md"), "# Names\n\nRestart CoreDNS.\n");
    Files.delete(docs.resolve("oom.md"));
    try (KnowledgeBase knowledge = LuceneKnowledgeBase.open(folder.resolve("index"))) {
      assertThat(knowledge.search("raise the memory limit", 1))
          .extracting(h -> h.passage().document())
          .containsExactly("runbooks/oom.md");
      DocumentFolder.Result result = source.sync(knowledge);
      assertThat(result.changed()).isEqualTo(1);
      assertThat(result.removed()).isEqualTo(1);
      assertThat(knowledge.documents()).containsExactly("runbooks/dns.md");
      KnowledgeBase.Passage passage = knowledge.search("CoreDNS", 1).get(0).passage();
      assertThat(passage.text()).contains("Restart CoreDNS");
      assertThat(passage.heading()).contains("Names");
      assertThat(passage.firstLine()).isBetween(1, 3);
    }
  }

  @Test
  void keepsTextsThatAreNoFilesInStep() {
    try (KnowledgeBase knowledge = LuceneKnowledgeBase.inMemory()) {
      Map<String, String> texts =
          Map.of("shop/books/oom.md", "# Memory\n\nRaise the limit.\n", "shop/books/dns", "Names.");
      assertThat(DocumentFolder.sync(knowledge, "configmaps", texts, 1.5))
          .isEqualTo(new DocumentFolder.Result(2, 2, 0, List.of()));
      assertThat(DocumentFolder.sync(knowledge, "configmaps", texts, 1.5).changed()).isZero();
      Map<String, String> fewer = Map.of("shop/books/dns", "Names.");
      assertThat(DocumentFolder.sync(knowledge, "configmaps", fewer, 1.5).removed()).isEqualTo(1);
      assertThat(knowledge.documents()).containsExactly("configmaps/shop/books/dns");
    }
  }
}
