package io.devopscopilot.rag;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.KnowledgeBase;
import io.devopscopilot.api.KnowledgeBase.Passage;
import io.devopscopilot.testkit.KnowledgeBaseContract;
import java.net.ServerSocket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Against the server that the system property {@code copilot.chroma} names, else skipped. */
class ChromaKnowledgeBaseTest {
  private static URI server() {
    String url = System.getProperty("copilot.chroma", "");
    assumeTrue(
        !url.isEmpty(), "SKIPPED: no Chroma given with -Dcopilot.chroma=http://127.0.0.1:PORT");
    return URI.create(url);
  }

  private static final AtomicInteger NAMES = new AtomicInteger();

  private static ChromaKnowledgeBase fresh() {
    return ChromaKnowledgeBase.open(
        server(), "test-" + System.nanoTime() + "-" + NAMES.incrementAndGet());
  }

  @Nested
  class Contract extends KnowledgeBaseContract {
    private final List<ChromaKnowledgeBase> made = new ArrayList<>();

    @Override
    protected KnowledgeBase newKnowledgeBase() {
      ChromaKnowledgeBase knowledge = fresh();
      made.add(knowledge);
      return knowledge;
    }

    @AfterEach
    void drop() {
      made.forEach(ChromaKnowledgeBase::drop);
    }
  }

  private static Passage passage(String id, String text) {
    return new Passage(id, "doc.md", "Heading", text, 1, 2, 1);
  }

  @Test
  void aChangedPassageIsReplacedAndSeenByTheNextProcess() {
    String name = "test-" + System.nanoTime();
    try (ChromaKnowledgeBase first = ChromaKnowledgeBase.open(server(), name)) {
      first.put("doc.md", List.of(passage("p", "The old text about disks.")));
      first.put("doc.md", List.of(passage("p", "The new text about memory.")));
      try (ChromaKnowledgeBase second = ChromaKnowledgeBase.open(server(), name)) {
        assertThat(second.passage("p")).map(Passage::text).hasValue("The new text about memory.");
        assertThat(second.search("memory", 1).get(0).passage().id()).isEqualTo("p");
      }
      first.drop();
    }
  }

  @Test
  void secretsDoNotReachTheServer() {
    try (ChromaKnowledgeBase knowledge = fresh()) {
      knowledge.put("doc.md", List.of(passage("p", "Log in with password=Tr0ub4dor3xyz today.")));
      assertThat(knowledge.passage("p"))
          .map(Passage::text)
          .hasValueSatisfying(
              t -> assertThat(t).doesNotContain("Tr0ub4dor3xyz").contains("redacted"));
      knowledge.drop();
    }
  }

  @Test
  void aCollectionDroppedByOthersIsMadeAnew() {
    String name = "test-" + System.nanoTime();
    try (ChromaKnowledgeBase first = ChromaKnowledgeBase.open(server(), name)) {
      first.put("doc.md", List.of(passage("p", "The text about memory.")));
      try (ChromaKnowledgeBase second = ChromaKnowledgeBase.open(server(), name)) {
        second.drop();
      }
      assertThat(first.search("memory", 1).get(0).passage().id()).isEqualTo("p");
      first.drop();
    }
  }

  @Test
  void manyMayOpenANewCollectionAtOnce() {
    server();
    String name = "test-" + System.nanoTime();
    List<CompletableFuture<ChromaKnowledgeBase>> all = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      all.add(CompletableFuture.supplyAsync(() -> ChromaKnowledgeBase.open(server(), name)));
    }
    all.forEach(f -> f.join().close());
    ChromaKnowledgeBase.open(server(), name).drop();
  }

  @Test
  void aServerThatIsDownIsNamed() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    assertThatThrownBy(
            () -> ChromaKnowledgeBase.open(URI.create("http://127.0.0.1:" + port), "test"))
        .isInstanceOf(CopilotException.class)
        .hasMessageContaining("127.0.0.1:" + port)
        .hasMessageContaining("is the server running");
  }

  @Test
  void anOldOrStrangeServerIsNamed() throws Exception {
    for (int status : new int[] {410, 503, 301, 200}) {
      try (StubOllama stub = new StubOllama(e -> StubOllama.send(e, status, ""))) {
        assertThatThrownBy(() -> ChromaKnowledgeBase.open(stub.uri(), "test"))
            .as("status %d", status)
            .isInstanceOf(CopilotException.class);
      }
    }
  }

  @Test
  void strangeHostsAndNamesAreRefused() {
    assertThatThrownBy(() -> ChromaKnowledgeBase.open(URI.create("http://example.org"), "test"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("COPILOT_ALLOWED_HOSTS");
    assertThatThrownBy(() -> ChromaKnowledgeBase.open(URI.create("http://127.0.0.1:1"), "a b"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
