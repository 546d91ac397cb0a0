package io.devopscopilot.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.devopscopilot.api.Answerer;
import io.devopscopilot.api.Answerer.Answer;
import io.devopscopilot.api.Answerer.Citation;
import io.devopscopilot.api.Answerer.Question;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What every {@link Answerer} must do. */
public abstract class AnswererContract {
  private static final Pattern MARK = Pattern.compile("\\[([0-9]{1,3})\\]");

  /** An answerer that knows something. */
  protected abstract Answerer newAnswerer() throws Exception;

  /** A question that it can answer. */
  protected abstract Question answerable();

  /** A question about something of which nothing is known. */
  protected abstract Question unanswerable();

  @Test
  @DisplayName("ends every sentence, one a line, with marks of citations that exist")
  void citesEverySentence() throws Exception {
    Answer answer = newAnswerer().answer(answerable());
    assertThat(answer.answered()).isTrue();
    assertCited(answer);
    assertThat(answer.suggestions())
        .allSatisfy(s -> assertThat(s.citations()).as(s.action()).isNotEmpty());
  }

  /** Fails where a line has no mark, or a mark without its citation. */
  public static void assertCited(Answer answer) {
    assertThat(answer.text().lines())
        .allSatisfy(
            line -> {
              Matcher m = MARK.matcher(line);
              assertThat(m.find()).as(line).isTrue();
              do {
                assertThat(Integer.parseInt(m.group(1))).isBetween(1, answer.citations().size());
              } while (m.find());
            });
    for (Citation c : answer.citations()) {
      assertThat(c.text()).isNotBlank();
      assertThat(c.kind()).isIn(Citation.LOG, Citation.PASSAGE);
      assertThat(c.score()).isBetween(0.0, 1.0);
    }
  }

  @Test
  @DisplayName("says nothing but what to collect where it knows nothing")
  void abstains() throws Exception {
    Answer answer = newAnswerer().answer(unanswerable());
    assertThat(answer.answered()).isFalse();
    assertThat(answer.text()).isEmpty();
    assertThat(answer.citations()).isEmpty();
    assertThat(answer.notes()).isNotEmpty();
  }

  @Test
  @DisplayName("hands over the same text in pieces")
  void streams() throws Exception {
    StringBuilder pieces = new StringBuilder();
    Answer answer = newAnswerer().answer(answerable(), pieces::append);
    assertThat(pieces).hasToString(answer.text());
  }

  @Test
  @DisplayName("survives odd questions")
  void survivesOddQuestions() throws Exception {
    Answerer answerer = newAnswerer();
    for (String text :
        Arrays.asList("", " ", "?", "\u0000\u202E", "a".repeat(100_000), "[1] `\"(", "99:99 --")) {
      assertThat(answerer.answer(Question.of(text)).text()).isNotNull();
    }
  }
}
