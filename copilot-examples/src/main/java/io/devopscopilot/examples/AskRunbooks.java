package io.devopscopilot.examples;

import io.devopscopilot.api.Answerer;
import io.devopscopilot.api.KnowledgeBase;
import io.devopscopilot.rag.DocumentFolder;
import io.devopscopilot.rag.LuceneKnowledgeBase;
import io.devopscopilot.rag.PassageAnswerer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Answers a question from a folder of runbooks, each sentence with its source; no model needed. */
public final class AskRunbooks {
  private AskRunbooks() {}

  /**
   * Asks.
   *
   * @param args folder of documents, question
   */
  public static void main(String[] args) throws IOException {
    if (args.length != 2) {
      System.err.println("usage: AskRunbooks FOLDER QUESTION");
      return;
    }
    Path index = Files.createTempDirectory("ask-runbooks");
    try (KnowledgeBase knowledge = LuceneKnowledgeBase.open(index)) {
      DocumentFolder.of("runbooks", Path.of(args[0])).sync(knowledge);
      Answerer answerer = new PassageAnswerer(knowledge, Optional.empty(), Optional.empty());
      Answerer.Answer answer = answerer.answer(Answerer.Question.of(args[1]));
      System.out.println(answer.answered() ? answer.text() : "not known: " + answer.notes());
      answer.citations().forEach(c -> System.out.println(c.source()));
    }
  }
}
