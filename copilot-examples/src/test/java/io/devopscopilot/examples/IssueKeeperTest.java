package io.devopscopilot.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.devopscopilot.api.Answerer;
import io.devopscopilot.api.Category;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.Issue;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import io.devopscopilot.api.Severity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IssueKeeperTest {
  private static final Instant START = Instant.parse("2026-01-05T10:00:00Z");
  private static final Answerer.Answer ANSWER =
      new Answerer.Answer(
          "Memory is short.",
          true,
          List.of(new Answerer.Citation("7", Answerer.Citation.LOG, "cart-1", "killed", 0.5)),
          List.of(new Answerer.Suggestion("kubectl describe pod cart-1", "to see", List.of())),
          "none",
          List.of("a note"));

  @TempDir Path folder;
  private final List<IssueKeeper> keepers = new ArrayList<>();

  private IssueKeeper keeper(Path where, IssueBoard board) {
    IssueKeeper keeper = new IssueKeeper(where, board);
    keepers.add(keeper);
    return keeper;
  }

  /** Also those that a test leaves as a kill does: they would go on writing into the folder. */
  @AfterEach
  void end() {
    keepers.forEach(IssueKeeper::close);
  }

  private static void tell(IssueKeeper keeper, IssueBoard board, int second) {
    Origin origin = Origin.builder().namespace("shop").service("cart").pod("cart-1").build();
    LogRecord record =
        LogRecord.event(
            START.plusSeconds(second),
            "killed: out of memory, try " + second,
            origin,
            Map.of(LogRecord.ATTR_EVENT_TYPE, "Warning"));
    keeper.observe(
        record,
        Classification.certain(Severity.FATAL, Category.OOM, 7),
        issue -> board.accept(issue, ANSWER));
  }

  @Test
  void issuesAndTheDetectorGoOnAfterARestart() {
    IssueBoard before = new IssueBoard();
    IssueKeeper first = keeper(folder, before);
    assertThat(first.start()).isFalse();
    tell(first, before, 0);
    tell(first, before, 60);
    first.close();
    assertThat(before.all()).hasSize(1);

    IssueBoard after = new IssueBoard();
    IssueKeeper second = keeper(folder, after);
    assertThat(second.start()).isTrue();
    assertThat(after.all()).isEqualTo(before.all());
    tell(second, after, 100); // the same issue, as if nothing had been in between
    assertThat(after.all()).hasSize(1);
    assertThat(after.all().get(0).issue().id()).isEqualTo(before.all().get(0).issue().id());
    assertThat(after.all().get(0).issue().updated()).isEqualTo(START.plusSeconds(100));
    second.advance(
        START.plus(Duration.ofHours(1)),
        issue -> after.accept(issue, Answerer.Answer.none(List.of())));
    second.close();

    IssueBoard third = new IssueBoard();
    keeper(folder, third).start();
    assertThat(third.all()).isEqualTo(after.all());
    assertThat(third.all().get(0).issue().resolved()).contains(START.plusSeconds(100));
    assertThat(third.all().get(0).answer()).isEqualTo(ANSWER);
  }

  @Test
  void theMemoryIsUsedOnce() {
    IssueBoard board = new IssueBoard();
    IssueKeeper keeper = keeper(folder, board);
    keeper.start();
    tell(keeper, board, 0);
    keeper.close();
    assertThat(keeper(folder, new IssueBoard()).start()).isTrue();
    // That one was never closed: killed. Its memory would be older than the lines stored since.
    assertThat(keeper(folder, new IssueBoard()).start()).isFalse();
  }

  @Test
  void damagedFilesArePutAside() throws Exception {
    Files.writeString(folder.resolve("issues.json"), "[{\"issue\":");
    Files.writeString(folder.resolve("detector.state"), "?");
    IssueBoard board = new IssueBoard();
    assertThat(keeper(folder, board).start()).isFalse();
    assertThat(board.all()).isEmpty();
    assertThat(folder.resolve("issues.json.damaged")).exists();
    assertThat(folder.resolve("detector.state.damaged")).exists();
  }

  @Test
  void aReplayDoesNotTurnIssuesBack() {
    IssueBoard before = new IssueBoard();
    IssueKeeper keeper = keeper(folder, before);
    keeper.start();
    tell(keeper, before, 0);
    tell(keeper, before, 60);
    IssueBoard.Entry known = before.all().get(0);
    IssueKeeper again = keeper(folder.resolve("none"), new IssueBoard());
    tell(again, before, 0); // the replay of the first line
    assertThat(before.all()).containsExactly(known);
    tell(again, before, 60);
    assertThat(before.all().get(0).history()).isEqualTo(known.history());

    before.endUntold(java.util.Set.of(known.issue().id()));
    assertThat(before.all().get(0).issue().state()).isEqualTo(Issue.State.OPEN);
    before.endUntold(java.util.Set.of());
    assertThat(before.all().get(0).issue().state()).isEqualTo(Issue.State.RESOLVED);
    assertThat(before.all().get(0).issue().resolved()).contains(START.plusSeconds(60));
  }
}
