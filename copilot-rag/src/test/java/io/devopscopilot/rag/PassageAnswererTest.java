package io.devopscopilot.rag;

import static org.assertj.core.api.Assertions.assertThat;

import io.devopscopilot.api.Answerer;
import io.devopscopilot.api.Answerer.Answer;
import io.devopscopilot.api.Answerer.Citation;
import io.devopscopilot.api.Answerer.Question;
import io.devopscopilot.api.Category;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.EvidenceClassifier.Evidence;
import io.devopscopilot.api.KnowledgeBase;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Severity;
import io.devopscopilot.testkit.AnswererContract;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PassageAnswererTest extends AnswererContract {
  @Override
  protected Answerer newAnswerer() {
    return Shop.answerer();
  }

  @Override
  protected Question answerable() {
    return Question.of("Why does orders fail?");
  }

  @Override
  protected Question unanswerable() {
    return Question.of("What is wrong with pod billing-77c9d-abcde?");
  }

  @Test
  void answersFromLinesEventsAndARunbook() {
    Answer answer = Shop.answerer().answer(answerable());
    assertThat(answer.text())
        .contains("`orders-db:5432`")
        .contains("CrashLoopBackOff")
        .contains("seen 20 times")
        .contains("check that the database pod is running")
        .doesNotContain("cart");
    assertThat(answer.citations())
        .extracting(Citation::kind)
        .contains(Citation.LOG, Citation.PASSAGE);
    assertThat(answer.suggestions())
        .extracting(Answerer.Suggestion::action)
        .contains("kubectl -n shop get pods -l app=orders-db");
    assertThat(answer.model()).isEqualTo("none");
  }

  @Test
  void everyCitationIsThereWordForWord() {
    ListLogStore store = Shop.store();
    PassageAnswerer answerer =
        new PassageAnswerer(Shop.knowledge(), Optional.of(store), Optional.empty(), Shop.CLOCK);
    for (Citation c : answerer.answer(answerable()).citations()) {
      String whole =
          c.kind().equals(Citation.LOG)
              ? store.get(Long.parseLong(c.id())).orElseThrow().record().message()
              : answerer.passage(c.id()).orElseThrow().text();
      assertThat(whole).contains(c.text());
    }
  }

  @Test
  void whatResolvedALikeIncidentComesBackFirst() {
    KnowledgeBase knowledge = Shop.knowledge();
    String category = "network_dns";
    new Resolution(
            "7",
            "orders cannot connect to orders-db:5432",
            "orders",
            category,
            "Restarted the database operator.")
        .putInto(knowledge);
    new Resolution(
            "8", "cart cannot connect to orders-db:5432", "cart", "image_pull", "Pushed the image.")
        .putInto(knowledge);
    PassageAnswerer answerer =
        new PassageAnswerer(knowledge, Optional.of(Shop.store()), Optional.empty(), Shop.CLOCK);
    Answer answer = answerer.answer(answerable());
    assertThat(answer.text())
        .contains("resolved a similar incident before: \u201CRestarted the database operator.")
        .doesNotContain("Pushed the image");
    assertThat(answer.suggestions().get(0).action()).isEqualTo("Restarted the database operator.");
    Citation cited = answer.suggestions().get(0).citations().get(0);
    assertThat(answerer.passage(cited.id()).orElseThrow().text()).contains(cited.text());
  }

  @Test
  void keepsToTheTimeAsked() {
    PassageAnswerer answerer = Shop.answerer();
    assertThat(answerer.answer(Question.of("Why did orders fail in the past hour?")).answered())
        .isTrue();
    assertThat(answerer.answer(Question.of("Why did orders fail since 10:25?")).answered())
        .isFalse();
    assertThat(answerer.answer(Question.of("What happened to orders last night?")).answered())
        .isFalse();
    Question since = new Question("Why?", "", "orders", Optional.of(Shop.NOW.minusSeconds(60)));
    assertThat(answerer.answer(since).answered()).isFalse();
  }

  @Test
  void keepsToTheNamespaceAsked() {
    assertThat(
            Shop.answerer()
                .answer(new Question("What is wrong?", "other", "", Optional.empty()))
                .answered())
        .isFalse();
    assertThat(
            Shop.answerer()
                .answer(new Question("What is wrong?", "shop", "", Optional.empty()))
                .answered())
        .isTrue();
  }

  @Test
  void aHealthyServiceGetsNoDiagnosis() {
    Answer answer = Shop.answerer().answer(Question.of("What is wrong with search?"));
    assertThat(answer.answered()).isFalse();
    assertThat(answer.notes()).anySatisfy(n -> assertThat(n).contains("kubectl -n shop"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "What is wrong with pod billing-5d4c3b2a1-zzzzz?",
        "Why does payment-gateway crash?",
        "What is the on-call phone number?",
        "Who deployed orders yesterday evening?",
        "Why is the TLS certificate of orders expired?",
        "Why is the disk full on orders?",
        "Which quota does orders exceed?",
        "Why are the probes of orders failing?",
        "Why was orders evicted?",
        "Is there a deadlock in orders?",
        "What is wrong with job nightly-report?",
        "Why does kafka lose messages?",
        "What is the budget of the platform team?",
        "Why is namespace staging-eu down?",
        "What is wrong with node worker-17?",
        "Which GPU does orders miss?",
        "Who wrote the orders service?",
        "How tall is the Eiffel tower?",
        "Why is the mysql of orders slow?",
        "What is the capital of France?",
        "Why does rabbitmq refuse orders?",
        "When is the next maintenance window?"
      })
  void abstainsFromWhatIsNotInTheEvidence(String question) {
    Answer answer = Shop.answerer().answer(Question.of(question));
    assertThat(answer.text()).isEmpty();
    assertThat(answer.answered()).isFalse();
    assertThat(answer.notes()).isNotEmpty();
  }

  @Test
  void readsGivenEvidence() {
    String describe =
        "Name:         web-0\nNamespace:    blue\nNode:         n1/10.0.0.1\nStatus:       Running\n"
            + "Containers:\n  main:\n    Image:  web:1\n    Last State:   Terminated\n"
            + "      Reason:     OOMKilled\n      Exit Code:  137\nEvents:  <none>\n";
    Answer answer =
        Shop.answerer()
            .answer(
                Question.of("What is wrong with pod web-0?"),
                List.of(new Evidence("describe", describe)));
    assertCited(answer);
    assertThat(answer.text()).contains("out of memory").contains("137").contains("`blue`");
    assertThat(answer.suggestions())
        .extracting(Answerer.Suggestion::action)
        .contains("kubectl -n blue describe pod web-0");
  }

  @Test
  void aBrokenIndexLeavesTheLinesAndTheChecks() {
    KnowledgeBase broken =
        new KnowledgeBase() {
          @Override
          public List<Hit> search(String query, int limit) {
            throw new CopilotException("the index is gone", new IllegalStateException(), true);
          }

          @Override
          public void put(String document, List<Passage> passages) {}

          @Override
          public Set<String> documents() {
            return Set.of();
          }

          @Override
          public Optional<Passage> passage(String id) {
            return Optional.empty();
          }

          @Override
          public void close() {}
        };
    Answer answer =
        new PassageAnswerer(broken, Optional.of(Shop.store()), Optional.empty(), Shop.CLOCK)
            .answer(answerable());
    assertThat(answer.text()).contains("orders-db:5432");
    assertThat(answer.notes()).anySatisfy(n -> assertThat(n).contains("the index is gone"));
  }

  @Test
  void tellsHowThePreviousContainerEnded() {
    ListLogStore store = new ListLogStore();
    store.add(
        Severity.INFO,
        LogRecord.of(
            Shop.NOW.minusSeconds(90),
            "java.lang.OutOfMemoryError: Java heap space",
            Shop.pod("web", "web-1", 0)));
    store.add(
        Severity.INFO,
        LogRecord.of(Shop.NOW.minusSeconds(60), "started", Shop.pod("web", "web-1", 1)));
    Answer answer =
        new PassageAnswerer(Shop.knowledge(), Optional.of(store), Optional.empty(), Shop.CLOCK)
            .answer(Question.of("Why does web restart?"));
    assertThat(answer.text()).contains("ran out of memory");
  }

  @Test
  void aLineThatNoRuleKnowsIsAdvisedByItsVerdict() {
    ListLogStore store = new ListLogStore();
    store.accept(
        LogRecord.of(
            Shop.NOW.minusSeconds(60), "FATAL pasted: out of memory", Shop.pod("web", "web-1", 0)),
        Classification.certain(Severity.FATAL, Category.OOM, 1));
    Answer answer =
        new PassageAnswerer(Shop.knowledge(), Optional.of(store), Optional.empty(), Shop.CLOCK)
            .answer(Question.of("Why does web fail?"));
    assertThat(answer.citations()).extracting(Citation::id).contains("checks/oom.md");
    assertThat(answer.citations()).extracting(Citation::id).doesNotContain("checks/app_error.md");
    assertThat(answer.text()).doesNotContain("roll back");
  }

  @Test
  void whatIsSuspectedIsAdvisedBeforeTheLinesShowAProblem() {
    ListLogStore store = new ListLogStore();
    for (int i = 0; i < 5; i++) {
      store.accept(
          LogRecord.of(
              Shop.NOW.minusSeconds(60 - 10 * i),
              "INFO memory used " + (50 + i) + " MiB of 100 MiB",
              Shop.pod("web", "web-1", 0)),
          Classification.certain(Severity.INFO, Category.NONE, 1));
    }
    PassageAnswerer answerer =
        new PassageAnswerer(Shop.knowledge(), Optional.of(store), Optional.empty(), Shop.CLOCK);
    String text = "Why does web show memory use at 54 % of its limit, and what should be done?";
    Answer plain = answerer.answer(new Question(text, "shop", "web", Optional.empty()));
    assertThat(plain.suggestions()).isEmpty();
    Answer suspected =
        answerer.answer(new Question(text, "shop", "web", Optional.empty(), Category.OOM));
    assertThat(suspected.answered()).isTrue();
    assertThat(suspected.citations()).extracting(Citation::id).contains("checks/oom.md");
    assertThat(suspected.suggestions())
        .anySatisfy(
            s -> {
              assertThat(s.action()).contains("kubectl").contains("shop").doesNotContain("<");
              assertThat(s.citations()).isNotEmpty();
            });
    assertThat(suspected.notes()).anyMatch(n -> n.contains("show no problem"));
    Answer unknown =
        answerer.answer(new Question(text, "shop", "web", Optional.empty(), Category.UNKNOWN));
    assertThat(unknown.suggestions()).isEmpty();
  }

  private static PassageAnswerer about(String line, String verdict) {
    return about(line, verdict, Severity.ERROR);
  }

  private static PassageAnswerer about(String line, String verdict, Severity severity) {
    ListLogStore store = new ListLogStore();
    store.accept(
        LogRecord.of(Shop.NOW.minusSeconds(60), line, Shop.pod("web", "web-1", 0)),
        Classification.certain(severity, verdict, 1));
    return new PassageAnswerer(Shop.knowledge(), Optional.of(store), Optional.empty(), Shop.CLOCK);
  }

  @Test
  void anEmptyPoolIsNoMatterOfTheNetwork() {
    for (String line :
        List.of(
            "ERROR no connection available in the pool after waiting 1000 ms",
            "ERROR Could not get a resource from the pool",
            "ERROR Timeout waiting for connection from pool")) {
      Answer answer = about(line, Category.NETWORK_DNS).answer(Question.of("Why does web fail?"));
      assertThat(answer.citations())
          .extracting(Citation::id)
          .contains("checks/performance.md")
          .doesNotContain("checks/network_dns.md");
    }
  }

  @Test
  void whatAnIssueSuspectsOutweighsTheVerdictOfOneLine() {
    String line = "FATAL worker gave up";
    Question suspected =
        new Question("Why does web fail?", "shop", "web", Optional.empty(), Category.STORAGE);
    assertThat(about(line, Category.NETWORK_DNS).answer(suspected).citations())
        .extracting(Citation::id)
        .contains("checks/storage.md")
        .doesNotContain("checks/network_dns.md");
  }

  @Test
  void theCheckThatFitsWhatWasSeenIsSuggestedFirst() {
    for (String[] row :
        new String[][] {
          {"web: disk use at 55 % of its limit and rising", "-- df -h"},
          {"web: claims of the volume are not bound", "get pvc"},
        }) {
      Question suspected = new Question(row[0], "shop", "web", Optional.empty(), Category.STORAGE);
      Answer answer = about("INFO all is well", Category.NONE, Severity.INFO).answer(suspected);
      assertThat(answer.suggestions().get(0).action()).endsWith(row[1]);
    }
  }
}
