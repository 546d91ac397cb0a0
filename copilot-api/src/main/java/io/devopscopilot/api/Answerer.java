package io.devopscopilot.api;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Answers questions from evidence. Every sentence of an answer cites evidence that exists; where
 * there is none, the answer says so. Thread-safe.
 */
@FunctionalInterface
public interface Answerer {
  /**
   * Answers, or says what is missing; does not throw for a model or an index that is down, but
   * answers from what is left and says so in {@link Answer#notes()}.
   */
  Answer answer(Question question);

  /**
   * Answers, and hands over the text as it comes. Without a model it comes at once.
   *
   * @param text takes pieces of text that, joined, are {@link Answer#text()}
   */
  default Answer answer(Question question, Consumer<String> text) {
    Answer answer = answer(question);
    text.accept(answer.text());
    return answer;
  }

  /**
   * A question.
   *
   * @param text in plain language
   * @param namespace restricts the log lines, empty = any
   * @param service restricts the log lines, empty = any
   * @param since restricts the log lines
   * @param category what is suspected already, as by an {@link Issue}: then advice is given for it
   *     also where the lines alone show no problem yet; empty = nothing
   */
  record Question(
      String text, String namespace, String service, Optional<Instant> since, String category) {
    /** A question of somebody who suspects nothing. */
    public Question(String text, String namespace, String service, Optional<Instant> since) {
      this(text, namespace, service, since, "");
    }

    /** A question about anything. */
    public static Question of(String text) {
      return new Question(text, "", "", Optional.empty());
    }
  }

  /**
   * An answer.
   *
   * @param text sentences with marks like {@code [1]}, the number of the citation from 1; empty
   *     where nothing is known
   * @param answered whether the evidence sufficed
   * @param citations what the sentences rest on
   * @param suggestions what to do, best first
   * @param model {@code none}, or for example {@code ollama:llama3.1}
   * @param notes what was left out, cut or unreachable, and what to collect next
   */
  record Answer(
      String text,
      boolean answered,
      List<Citation> citations,
      List<Suggestion> suggestions,
      String model,
      List<String> notes) {
    /** Copies the lists. */
    public Answer {
      citations = List.copyOf(citations);
      suggestions = List.copyOf(suggestions);
      notes = List.copyOf(notes);
    }

    /** An answer that says only what is missing. */
    public static Answer none(List<String> notes) {
      return new Answer("", false, List.of(), List.of(), "none", notes);
    }
  }

  /**
   * What a sentence rests on.
   *
   * @param id passage id, or the id of a stored record in decimal
   * @param kind {@code passage} or {@code log}
   * @param source path and heading, or pod and time, for people
   * @param text the cited text, word for word
   * @param score how well it fits, 0 to 1
   */
  record Citation(String id, String kind, String source, String text, double score) {
    /** A passage of a document. */
    public static final String PASSAGE = "passage";

    /** A stored record. */
    public static final String LOG = "log";
  }

  /**
   * What to do; printed, never executed.
   *
   * @param action the action or command, filled in with real names
   * @param why what it is for
   * @param citations where it comes from, never empty
   */
  record Suggestion(String action, String why, List<Citation> citations) {
    /** Copies the citations. */
    public Suggestion {
      citations = List.copyOf(citations);
    }
  }
}
