package io.devopscopilot.examples;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.devopscopilot.api.Answerer.Answer;
import io.devopscopilot.api.Answerer.Citation;
import io.devopscopilot.api.Answerer.Question;
import io.devopscopilot.api.EvidenceClassifier.Evidence;
import io.devopscopilot.classifier.CaseEvidenceClassifier;
import io.devopscopilot.rag.DocumentFolder;
import io.devopscopilot.rag.LuceneKnowledgeBase;
import io.devopscopilot.rag.PassageAnswerer;
import io.devopscopilot.rag.RagAnswerer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code evaluate answers}: are answers right, and does what they cite support them. */
@Command(
    name = "answers",
    description = "Measures answers about recorded incidents: facts found, citations that hold.",
    mixinStandardHelpOptions = true)
final class EvaluateAnswers implements Callable<Integer> {
  private static final Pattern MARKS = Pattern.compile("\\[([0-9]{1,3})\\]");
  private static final Pattern QUOTES = Pattern.compile("\u201C[^\u201D]*\u201D|`[^`]*`");
  private static final Pattern SENTENCE_END = Pattern.compile("(?<=[.!?])\\s+(?=[A-Z])|\\n+");

  /** Function words, and words that tell a judge what to do ("must mention ..."): no facts. */
  private static final Set<String> NO_CONTENT =
      Set.of(
          ("about after all also although another any because been before being between both can could"
                  + " did do does doing due during each either expect few from further had has have having"
                  + " here how include its itself just may mention might more most must need neither nor"
                  + " now off once only optionally other our out over own same shall should since so some"
                  + " still suggest than them through too under until up very was we were what when where"
                  + " which while who whom why would you your output recently"
                  + " currently experience issue reason")
              .split(" "));

  @Mixin private EvaluationOptions options;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "FILE",
      description = "JSON lines: id, question, evidence, expected, category.")
  private List<Path> data = List.of();

  @Option(
      names = "--docs",
      required = true,
      paramLabel = "DIR",
      description = "Folder with the documents.")
  private Path docs;

  @Option(
      names = "--answerer",
      paramLabel = "ANSWERER",
      description = "passages (default) or ollama=URL,MODEL.")
  private String answerer = "passages";

  @Option(
      names = "--index",
      paramLabel = "DIR",
      description = "Keep the index of the documents here; default: in memory, made anew.")
  private Optional<Path> index = Optional.empty();

  private long citations;
  private long good;
  private long uncited;
  private long facts;
  private long recalled;
  private long rivalRecalled;
  private double words;
  private long answered;
  private long abstained;
  private long healthy;
  private long healthyAbstained;

  @Override
  public Integer call() throws IOException {
    if (!Files.isDirectory(docs)) {
      throw new Main.UsageException("--docs is '" + docs + "', must be a folder");
    }
    EvaluationReport report = new EvaluationReport("evaluate answers");
    try (LuceneKnowledgeBase knowledge =
        index.isPresent()
            ? LuceneKnowledgeBase.open(index.get())
            : LuceneKnowledgeBase.inMemory()) {
      DocumentFolder.of("docs", docs)
          .progress(
              p -> {
                if (p.done() % 50 == 0 || p.done() == p.total()) {
                  options.err().printf("%d of %d documents indexed%n", p.done(), p.total());
                  options.err().flush();
                }
              })
          .sync(knowledge);
      PassageAnswerer passages =
          new PassageAnswerer(
              knowledge, Optional.empty(), Optional.of(new CaseEvidenceClassifier()));
      measure(report, passages, asker(passages, report));
    }
    report.write(options);
    return 0;
  }

  private BiFunction<Question, List<Evidence>, Answer> asker(
      PassageAnswerer passages, EvaluationReport report) {
    if (answerer.equals("passages")) {
      report.model("none", "");
      return passages::answer;
    }
    int comma = answerer.indexOf(',');
    if (answerer.startsWith("ollama=") && comma > 0 && comma < answerer.length() - 1) {
      String model = answerer.substring(comma + 1);
      URI server = URI.create(answerer.substring("ollama=".length(), comma));
      report.model("ollama:" + model, "");
      return RagAnswerer.ollama(server, model, passages)::answer;
    }
    throw new Main.UsageException(
        "--answerer is '"
            + answerer
            + "', must be passages or ollama=URL,MODEL, for example "
            + "ollama=http://127.0.0.1:11434,llama3.1");
  }

  private void measure(
      EvaluationReport report,
      PassageAnswerer passages,
      BiFunction<Question, List<Evidence>, Answer> asker)
      throws IOException {
    ArrayNode answers = report.json().putArray("answers");
    List<List<String>> table = new ArrayList<>();
    List<Double> millis = new ArrayList<>();
    for (Path file : data) {
      for (JsonNode row : EvaluateRetrieval.rows(file, report)) {
        String question = row.path("question").asText();
        List<Evidence> evidence = new ArrayList<>();
        row.path("evidence")
            .forEach(
                e ->
                    evidence.add(
                        new Evidence(e.path("kind").asText("other"), e.path("text").asText())));
        if (question.isBlank() || evidence.isEmpty()) {
          report.skip("row without question or evidence");
          continue;
        }
        long start = System.nanoTime();
        Answer answer = asker.apply(Question.of(question), evidence);
        millis.add((System.nanoTime() - start) / 1e6);
        score(row, answer, evidence, passages, answers, table);
        report.addRows(1);
        if (!answerer.equals("passages")) {
          options.err().printf("%d answers%n", millis.size());
          options.err().flush();
        }
      }
    }
    figures(report, millis);
    report.table(
        "Answers", List.of("id", "answered", "facts", "citations", "uncited", "text"), table);
  }

  private void score(
      JsonNode row,
      Answer answer,
      List<Evidence> evidence,
      PassageAnswerer passages,
      ArrayNode answers,
      List<List<String>> table) {
    boolean none = row.path("category").asText().equals("none");
    answered += answer.answered() ? 1 : 0;
    abstained += answer.answered() ? 0 : 1;
    healthy += none ? 1 : 0;
    healthyAbstained += none && !answer.answered() ? 1 : 0;
    long loose = uncited;
    if (answer.answered()) {
      sentences(answer, evidence, passages);
    }
    Set<String> have = terms(answer.text());
    Set<String> rival = terms(errorLines(evidence));
    long before = recalled;
    long asked = 0;
    ObjectNode node = answers.addObject();
    ObjectNode missed = node.putObject("missedWords");
    for (JsonNode fact : row.path("expected")) {
      Set<String> wanted = terms(fact.asText());
      if (wanted.isEmpty()) {
        continue;
      }
      asked++;
      facts++;
      recalled += have.containsAll(wanted) ? 1 : 0;
      if (!have.containsAll(wanted)) {
        missed.put(
            fact.asText(),
            String.join(" ", wanted.stream().filter(w -> !have.contains(w)).sorted().toList()));
      }
      rivalRecalled += rival.containsAll(wanted) ? 1 : 0;
      words += wanted.stream().filter(have::contains).count() / (double) wanted.size();
    }
    node.put("id", row.path("id").asText()).put("text", answer.text());
    node.put("answered", answer.answered()).put("model", answer.model());
    ArrayNode cited = node.putArray("citations");
    for (Citation c : answer.citations()) {
      cited
          .addObject()
          .put("id", c.id())
          .put("kind", c.kind())
          .put("source", c.source())
          .put("text", c.text())
          .put("score", c.score());
    }
    ArrayNode suggestions = node.putArray("suggestions");
    answer.suggestions().forEach(s -> suggestions.addObject().put("action", s.action()));
    ArrayNode notes = node.putArray("notes");
    answer.notes().forEach(notes::add);
    table.add(
        List.of(
            row.path("id").asText(),
            answer.answered() ? "yes" : "no",
            (recalled - before) + " of " + asked,
            Integer.toString(answer.citations().size()),
            Long.toString(uncited - loose),
            answer.answered() ? answer.text() : String.join("; ", answer.notes())));
  }

  /** Counts the citations of each sentence and those that hold. */
  private void sentences(Answer answer, List<Evidence> evidence, PassageAnswerer passages) {
    for (String sentence : split(answer.text())) {
      Matcher m = MARKS.matcher(sentence);
      int marks = 0;
      Set<String> said = terms(MARKS.matcher(sentence).replaceAll(" "));
      while (m.find()) {
        marks++;
        citations++;
        int number = Integer.parseInt(m.group(1));
        if (number < 1 || number > answer.citations().size()) {
          continue;
        }
        Citation c = answer.citations().get(number - 1);
        boolean exists =
            c.kind().equals(Citation.PASSAGE)
                ? passages.passage(c.id()).filter(p -> p.text().contains(c.text())).isPresent()
                : evidence.stream().anyMatch(e -> e.text().contains(c.text()));
        Set<String> there = terms(c.text());
        good += exists && said.stream().anyMatch(there::contains) ? 1 : 0;
      }
      uncited += marks == 0 ? 1 : 0;
    }
  }

  /** Sentences of an answer; full stops inside quotations do not end one. */
  static List<String> split(String text) {
    Matcher quoted = QUOTES.matcher(text);
    StringBuilder masked = new StringBuilder(text);
    while (quoted.find()) {
      for (int i = quoted.start(); i < quoted.end(); i++) {
        masked.setCharAt(i, '_');
      }
    }
    List<String> out = new ArrayList<>();
    Matcher end = SENTENCE_END.matcher(masked);
    int from = 0;
    while (end.find()) {
      out.add(text.substring(from, end.start()));
      from = end.end();
    }
    out.add(text.substring(from));
    out.removeIf(String::isBlank);
    return out;
  }

  private void figures(EvaluationReport report, List<Double> millis) {
    double[] sorted = millis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    ObjectNode json = report.json();
    json.put("answerer", answerer);
    json.put("answered", answered);
    json.put("abstained", abstained);
    json.put("healthy", healthy);
    json.put("healthyAbstained", healthyAbstained);
    json.put("citationsPerAnswer", citations / (double) Math.max(1, answered));
    json.put("citationPrecision", good / (double) Math.max(1, citations));
    json.put("uncitedSentences", uncited);
    json.put("facts", facts);
    json.put("factRecall", recalled / (double) Math.max(1, facts));
    json.put("factWordRecall", words / Math.max(1, facts));
    json.put("p50Millis", EvaluateRetrieval.quantile(sorted, 0.5));
    json.put("p99Millis", EvaluateRetrieval.quantile(sorted, 0.99));
    report.baseline("errorLines").put("factRecall", rivalRecalled / (double) Math.max(1, facts));
    String line =
        String.format(
            Locale.ROOT,
            "answered %d, abstained %d (healthy %d of %d), citation precision %.3f of %d, uncited"
                + " sentences %d, fact recall %.3f (words %.3f) of %d, printing lines with errors"
                + " %.3f, p50 %.0f ms",
            answered,
            abstained,
            healthyAbstained,
            healthy,
            good / (double) Math.max(1, citations),
            citations,
            uncited,
            recalled / (double) Math.max(1, facts),
            words / Math.max(1, facts),
            facts,
            rivalRecalled / (double) Math.max(1, facts),
            EvaluateRetrieval.quantile(sorted, 0.5));
    report.text(line);
    options.err().println(line);
  }

  /** The rival: the last twenty lines that hold a word like error. */
  private static String errorLines(List<Evidence> evidence) {
    Pattern error = Pattern.compile("(?i)error|fail|warning|exception|refused|denied|kill");
    List<String> out = new ArrayList<>();
    for (Evidence e : evidence) {
      Arrays.stream(e.text().split("\n")).filter(l -> error.matcher(l).find()).forEach(out::add);
    }
    return String.join("\n", out.subList(Math.max(0, out.size() - 20), out.size()));
  }

  private static String content(String text) {
    StringBuilder out = new StringBuilder();
    for (String word : text.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+")) {
      String base = word.replaceAll("(?:d|ing|s|ally)$", "");
      if (!NO_CONTENT.contains(word) && !NO_CONTENT.contains(base)) {
        out.append(word.equals("failure") ? "fail" : word).append(' ');
      }
    }
    return out.toString();
  }

  /** Content words, stemmed. */
  private static Set<String> terms(String text) {
    Set<String> out = new HashSet<>();
    try (EnglishAnalyzer analyzer = new EnglishAnalyzer();
        TokenStream stream = analyzer.tokenStream("text", content(text))) {
      CharTermAttribute term = stream.addAttribute(CharTermAttribute.class);
      stream.reset();
      while (stream.incrementToken()) {
        out.add(term.toString());
      }
      stream.end();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return out;
  }
}
