package io.devopscopilot.rag;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import io.devopscopilot.api.Answerer.Citation;
import io.devopscopilot.api.Answerer.Suggestion;
import io.devopscopilot.api.Category;
import io.devopscopilot.api.EvidenceClassifier.Diagnosis;
import io.devopscopilot.api.KnowledgeBase.Hit;
import io.devopscopilot.api.KnowledgeBase.Passage;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Writes the parts of an answer: what is wrong, why, what to do, what to collect. */
final class Report {
  private static final int MAX_OBSERVATIONS = 5;
  private static final int MAX_ACTIONS = 3;
  private static final int MAX_DOCUMENTS = 2;
  private static final int MAX_SUGGESTIONS = 6;

  /** A classifier decides where the rules only saw a symptom, and from this probability on. */
  static final double TRUSTED = 0.5;

  private static final Set<String> VAGUE =
      Set.of(Category.OTHER, Category.APP_ERROR, Category.CRASH_LOOP);

  private static final Set<String> NOTHING = Set.of(Category.UNKNOWN, Category.NONE);
  private static final Pattern COMMAND =
      Pattern.compile(
          "^[\\s$>#*-]*`{0,3}((?:kubectl|helm|crictl|systemctl|journalctl|docker|oc) [^`]{3,200})");

  private Report() {}

  /** The rules' category; where they saw a symptom only, what others know, best first. */
  static String category(List<Observation> seen, Optional<Diagnosis> diagnosis, String suspected) {
    String ours = seen.get(0).category();
    if (!VAGUE.contains(ours)) {
      return ours;
    }
    String whole =
        diagnosis
            .filter(d -> d.probability() >= TRUSTED && !NOTHING.contains(d.category()))
            .map(Diagnosis::category)
            .orElse(ours);
    Stream<String> lines = seen.get(0).lines().stream().map(EvidenceLine::verdict);
    return Stream.concat(Stream.of(whole, suspected), lines)
        .filter(c -> !c.isEmpty() && !NOTHING.contains(c) && !VAGUE.contains(c))
        .findFirst()
        .orElse(whole);
  }

  /** The category that a text speaks of, {@link Category#OTHER} where no rule knows. */
  static String category(String text) {
    return SymptomRules.match(text, "").map(SymptomRules.Match::category).orElse(Category.OTHER);
  }

  /** What is wrong, and where it shows. */
  static void what(
      AnswerDraft draft,
      EvidenceReader reader,
      Subject subject,
      List<Observation> seen,
      QuestionReader.Read read) {
    Set<String> classes = new LinkedHashSet<>();
    int said = 0;
    for (Observation o : seen) {
      boolean fresh = classes.add(o.category());
      boolean known = o.sentence().startsWith("`" + subject.pod() + "` has status");
      if (said < MAX_OBSERVATIONS && (fresh || said < 3) && !known) {
        List<Citation> cited = cite(o);
        nameLine(reader, subject, o.sentence()).ifPresent(l -> cited.add(l.citation(0.5)));
        said += draft.sayRule(capital(o.sentence()), cited) ? 1 : 0;
      }
    }
    state(draft, reader, subject);
    reader.counts().forEach(o -> draft.sayRule(o.sentence(), cite(o)));
    if (read.when()) {
      times(draft, reader);
    }
  }

  private static List<Citation> cite(Observation o) {
    List<Citation> out = new ArrayList<>();
    o.lines().forEach(l -> out.add(l.citation(o.weight() / 10)));
    return out;
  }

  /** The line that names the object as the sentence calls it. */
  private static Optional<EvidenceLine> nameLine(
      EvidenceReader reader, Subject subject, String sentence) {
    if (subject.name().isEmpty() || !sentence.contains("`" + subject.name() + "`")) {
      return Optional.empty();
    }
    return reader.objects().stream()
        .map(f -> f.get("Name"))
        .filter(l -> l != null && EvidenceReader.value(l).startsWith(subject.name()))
        .findFirst();
  }

  private static String kind(Map<String, EvidenceLine> fields) {
    String[][] signs = {
      {"Pods Statuses", "job"},
      {"Schedule", "cron job"},
      {"StrategyType", "deployment"},
      {"Pod Management Policy", "stateful set"},
      {"Update Strategy", "stateful set"},
      {"StorageClass", "claim"},
      {"Ingress Class", "ingress"},
      {"Endpoints", "service"},
      {"Kubelet Version", "node"},
      {"Node", "pod"}
    };
    for (String[] sign : signs) {
      if (fields.containsKey(sign[0])) {
        return sign[1];
      }
    }
    return "object";
  }

  /** State of the object asked about, from the lines that describe it. */
  static void state(AnswerDraft draft, EvidenceReader reader, Subject subject) {
    for (Map<String, EvidenceLine> fields : reader.objects()) {
      EvidenceLine name = fields.get("Name");
      EvidenceLine space = fields.get("Namespace");
      EvidenceLine status = fields.get("Status");
      if (name == null || space == null) {
        continue;
      }
      String value = EvidenceReader.value(name);
      if (!value.equals(subject.pod()) && !value.equals(subject.service())) {
        continue;
      }
      List<Citation> cited = new ArrayList<>(List.of(name.citation(0.5), space.citation(0.5)));
      String sentence =
          "The "
              + kind(fields)
              + " `"
              + value
              + "` is in the namespace `"
              + EvidenceReader.value(space)
              + "`";
      if (status != null) {
        sentence += " with the status `" + EvidenceReader.value(status) + "`";
        cited.add(status.citation(0.5));
      }
      draft.sayRule(sentence, cited);
      return;
    }
  }

  private static void times(AnswerDraft draft, EvidenceReader reader) {
    int said = 0;
    for (Map<String, EvidenceLine> fields : reader.objects()) {
      for (String field : List.of("Started", "Finished", "Start Time", "CreationTimestamp")) {
        EvidenceLine line = fields.get(field);
        if (line != null && said < 3 && EvidenceReader.value(line).length() > 4) {
          String value = EvidenceReader.value(line);
          String sentence = field + " is given as \u201C" + value + "\u201D" + utc(value);
          said += draft.sayRule(sentence, List.of(line.citation(0.5))) ? 1 : 0;
        }
      }
    }
    for (EvidenceLine line : reader.stamped()) {
      draft.sayRule(
          "A line of that time is " + EvidenceReader.quote(line.text()),
          List.of(line.citation(0.5)));
    }
  }

  /** The same moment for machines, where the text is a date of kubectl. */
  private static String utc(String value) {
    try {
      String date = value.replaceFirst("^[A-Z][a-z]{2}, ", "");
      var format = DateTimeFormatter.ofPattern("d MMM yyyy HH:mm:ss Z", Locale.ROOT);
      return ", that is the date " + OffsetDateTime.parse(date, format).toInstant();
    } catch (DateTimeException e) {
      return "";
    }
  }

  static String query(String category, List<Observation> seen, String question) {
    StringBuilder out = new StringBuilder();
    String first = seen.get(0).sentence();
    int quoted = first.indexOf(": \u201C");
    out.append(first, 0, Math.min(200, quoted > 0 ? quoted : first.length()));
    if (quoted > 0 && quoted < 40) {
      out.append(' ').append(first, quoted + 3, Math.min(quoted + 160, first.length()));
    }
    if (seen.size() > 1 || question.length() < 60) {
      Checks.of(category).ifPresent(c -> out.append(' ').append(c.title()));
    }
    return out.toString();
  }

  /** What to do: from the built-in checks and from passages. */
  static void advise(
      AnswerDraft draft,
      String category,
      List<Observation> seen,
      Subject subject,
      List<Hit> hits,
      List<Suggestion> suggestions) {
    Set<String> about = new HashSet<>();
    for (Observation o : seen.subList(0, Math.min(2, seen.size()))) {
      about.addAll(SearchText.terms(SearchText.WORDS, o.sentence()));
    }
    Set<String> commands = new HashSet<>();
    Set<String> documents = new HashSet<>();
    for (Hit hit : hits) {
      boolean fits = hit.score() >= PassageAnswerer.MIN_PASSAGE_SCORE;
      if (fits && documents.add(hit.passage().document()) && documents.size() <= MAX_DOCUMENTS) {
        passage(draft, hit, about, subject, commands, suggestions);
      }
    }
    Optional<Checks> checks = Checks.of(category);
    if (checks.isEmpty()) {
      return;
    }
    Checks c = checks.get();
    for (String action : fitting(c.actions(), about).limit(MAX_ACTIONS).toList()) {
      String sentence = "To fix it: " + inline(action);
      draft.sayFilled(sentence, subject.fill(sentence), List.of(c.cite(action)));
    }
    for (String line : fitting(c.commands(), about).toList()) {
      int end = line.indexOf('`', 1);
      String command = subject.fill(line.substring(1, end));
      if (suggestions.size() < MAX_SUGGESTIONS && commands.add(command)) {
        String why = line.substring(end + 1).strip();
        suggestions.add(new Suggestion(command, capital(why), List.of(c.cite(line))));
      }
    }
  }

  /** Those first that share most words, besides their command, with what was seen. */
  private static Stream<String> fitting(List<String> lines, Set<String> about) {
    return lines.stream()
        .sorted(
            Comparator.comparingLong(line -> -shared(line.replaceFirst("^`[^`]*`", ""), about)));
  }

  /** What resolved a like incident before; suggested first, since it helped here. */
  static void resolved(
      AnswerDraft draft,
      String category,
      Subject subject,
      List<Hit> hits,
      List<Suggestion> suggestions) {
    for (Hit hit : hits) {
      Optional<Resolution> past = Resolution.of(hit.passage());
      if (past.isPresent()
          && past.get().like(category, subject.name())
          && hit.score() >= PassageAnswerer.MIN_RESOLUTION_SCORE) {
        Passage p = hit.passage();
        String text = past.get().text();
        String first = text.lines().findFirst().orElse(text);
        String shown = CleanText.inert(first.length() > 300 ? first.substring(0, 300) : first);
        Citation cited = cite(p, first, hit.score());
        draft.sayRule(
            "What resolved a similar incident before: \u201C"
                + shown.replace('\u201C', '\'').replace('\u201D', '\'')
                + "\u201D",
            List.of(cited));
        suggestions.add(
            new Suggestion(
                shown, "Resolved \u201C" + past.get().title() + "\u201D before", List.of(cited)));
        return;
      }
    }
  }

  private static String inline(String action) {
    String text = action.endsWith(".") ? action.substring(0, action.length() - 1) : action;
    return text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1);
  }

  private static void passage(
      AnswerDraft draft,
      Hit hit,
      Set<String> about,
      Subject subject,
      Set<String> commands,
      List<Suggestion> suggestions) {
    Passage p = hit.passage();
    boolean fenced = false;
    for (String line : p.text().split("\n")) {
      if (line.startsWith("```")) {
        fenced = !fenced;
      }
      Matcher m = COMMAND.matcher(line);
      if (m.find() && (fenced || line.contains("`")) && suggestions.size() < MAX_SUGGESTIONS / 2) {
        String command = subject.fill(m.group(1).strip());
        if (commands.add(command)) {
          suggestions.add(
              new Suggestion(command, "From " + heading(p), List.of(cite(p, line, hit.score()))));
        }
      }
    }
    quote(draft, p, about, hit.score());
  }

  /** Quotes the best sentence of a passage. */
  private static void quote(AnswerDraft draft, Passage p, Set<String> about, double score) {
    Optional<String> best = best(p, about);
    if (best.isPresent()) {
      String shown = best.get().replaceAll("\\s+", " ");
      draft.sayRule(
          "The document \u201C" + heading(p) + "\u201D says: \u201C" + shown + "\u201D",
          List.of(cite(p, best.get(), score)));
    }
  }

  /** The sentence of a passage that has most of the words, two at least. */
  private static Optional<String> best(Passage p, Set<String> about) {
    String best = "";
    double most = 0;
    for (String sentence : sentences(p.text())) {
      Set<String> terms = new HashSet<>(SearchText.terms(SearchText.WORDS, sentence));
      double shared = terms.stream().filter(about::contains).count();
      double value = shared / Math.sqrt(6.0 + terms.size());
      if (shared >= 2 && value > most) {
        most = value;
        best = sentence;
      }
    }
    return best.isEmpty() ? Optional.empty() : Optional.of(best);
  }

  /** Prose sentences of a passage, each word for word, line feeds of wrapped lines included. */
  private static List<String> sentences(String text) {
    List<String> out = new ArrayList<>();
    boolean fenced = false;
    StringBuilder paragraph = new StringBuilder();
    for (String line : (text + "\n\n").split("\n", -1)) {
      String stripped = line.strip();
      boolean fence = stripped.startsWith("```");
      boolean item = stripped.matches("(?:[-*+]|[0-9]+[.)])\\s.*");
      boolean prose = !fenced && !fence && !stripped.isEmpty() && !stripped.matches("[#|`<{].*");
      fenced ^= fence;
      if (!prose || item) {
        split(paragraph.toString(), out);
        paragraph.setLength(0);
      }
      if (prose) {
        String kept = item ? line.replaceFirst("^\\s*(?:[-*+]|[0-9]+[.)])\\s+", "") : line;
        paragraph.append(paragraph.isEmpty() ? "" : "\n").append(kept);
      }
    }
    return out;
  }

  private static void split(String paragraph, List<String> out) {
    for (String part : paragraph.split("(?<=[.!?])\\s+")) {
      String sentence = part.strip();
      if (sentence.endsWith(".")) {
        sentence = sentence.substring(0, sentence.length() - 1);
      }
      boolean quotable =
          sentence.length() >= 25
              && sentence.length() <= 300
              && !sentence.endsWith(":")
              && sentence.indexOf('\u201D') < 0
              && CleanText.inert(sentence).equals(sentence);
      if (quotable) {
        out.add(sentence);
      }
    }
  }

  private static long shared(String text, Set<String> about) {
    return SearchText.terms(SearchText.WORDS, text).stream()
        .distinct()
        .filter(about::contains)
        .count();
  }

  private static String heading(Passage p) {
    String heading = p.heading().isBlank() ? p.document() : p.heading();
    return heading.replace('\u201C', '\'').replace('\u201D', '\'');
  }

  private static Citation cite(Passage p, String text, double score) {
    String lines = p.firstLine() > 0 ? ":" + p.firstLine() + "-" + p.lastLine() : "";
    return new Citation(
        p.id(),
        Citation.PASSAGE,
        p.document() + lines + " " + heading(p),
        text.strip(),
        Math.max(0, Math.min(1, score)));
  }

  /** Answers a question about documents. */
  static void fromPassages(AnswerDraft draft, String question, List<Hit> hits) {
    Set<String> about = new HashSet<>(SearchText.terms(SearchText.WORDS, question));
    for (Hit hit : hits) {
      Set<String> have = new HashSet<>(SearchText.terms(SearchText.WORDS, hit.passage().text()));
      have.addAll(SearchText.terms(SearchText.WORDS, hit.passage().heading()));
      long held = about.stream().filter(have::contains).count();
      if (hit.score() >= PassageAnswerer.MIN_ALONE_SCORE && held >= 0.6 * about.size()) {
        quote(draft, hit.passage(), about, hit.score());
      }
    }
  }

  /** What is missing, and how to get it. */
  static List<String> collect(
      QuestionReader.Read read,
      Subject subject,
      boolean named,
      boolean onTopic,
      int lines,
      boolean stored) {
    List<String> out = new ArrayList<>();
    if (!named) {
      out.add(
          "nothing is stored about "
              + String.join(", ", read.names().isEmpty() ? List.of("it") : read.names()));
    } else if (lines > 0 && onTopic) {
      out.add(lines + " lines were read; none of them shows a problem");
    } else if (lines > 0) {
      out.add(lines + " lines were read; none of them is about what was asked");
    } else {
      out.add(
          "not enough evidence: no matching line, event or passage"
              + (stored ? "" : "; there is no log store"));
    }
    String space = subject.namespace().isEmpty() ? "<namespace>" : subject.namespace();
    String pod = subject.pod().isEmpty() ? "<pod>" : subject.pod();
    out.add("collect: kubectl -n " + space + " describe pod " + pod);
    out.add("collect: kubectl -n " + space + " logs " + pod + " --previous --tail=200");
    out.add("collect: kubectl -n " + space + " get events --sort-by=.lastTimestamp");
    return out;
  }

  static String capital(String text) {
    return text.isEmpty()
        ? text
        : text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }
}
