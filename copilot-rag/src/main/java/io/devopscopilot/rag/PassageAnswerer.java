package io.devopscopilot.rag;

import com.google.re2j.Pattern;
import io.devopscopilot.api.Answerer;
import io.devopscopilot.api.Category;
import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.EvidenceClassifier;
import io.devopscopilot.api.EvidenceClassifier.Diagnosis;
import io.devopscopilot.api.EvidenceClassifier.Evidence;
import io.devopscopilot.api.KnowledgeBase;
import io.devopscopilot.api.KnowledgeBase.Hit;
import io.devopscopilot.api.KnowledgeBase.Passage;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.LogStore;
import io.devopscopilot.api.Origin;
import io.devopscopilot.api.Severity;
import java.time.Clock;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Answers without a model, in milliseconds: reads names, times and severity from the question,
 * takes matching lines and events from the store, reads them with rules, and adds what passages and
 * the built-in checks say. Every sentence stands on its own line, ends with the marks of what it
 * rests on, and has passed a gate in code. Thread-safe; owns neither the knowledge base nor the
 * store.
 *
 * <p>Where the evidence shows nothing, or not what the question names, the answer is {@code
 * answered = false} and its notes say what to collect.
 */
public final class PassageAnswerer implements Answerer {
  /**
   * A passage must fit at least so well to be used; 0 to 1, see {@link KnowledgeBase.Hit#score()}.
   */
  public static final double MIN_PASSAGE_SCORE = 0.42;

  /** A passage that is to answer alone must fit at least so well. */
  public static final double MIN_ALONE_SCORE = 0.62;

  /** A past incident of the same kind or place must fit the line at least so well. */
  static final double MIN_RESOLUTION_SCORE = 0.35;

  /** An observation that weighs less is no problem; see docs/answers.md. */
  static final double MIN_WEIGHT = 2;

  private static final int MAX_LINE = 2000;

  /** So many passages of documents are looked at, and room for so many past incidents. */
  private static final int DOCUMENT_HITS = 3;

  private static final int RESOLUTION_HITS = 5;
  private static final Pattern ALERT =
      Pattern.compile(
          "(?i)\\balert\\w*\\b|\\bKube[A-Z]\\w+|\\b[A-Z]\\w+(?:High|Low|Down|Failing|Failed)\\b");
  private static final Pattern SLOW =
      Pattern.compile(
          "(?i)\\b(?:latency|slow\\w*|performance|delay\\w*|time-?outs?|takes?|long)\\b");

  private final KnowledgeBase knowledge;
  private final Optional<StoreEvidence> store;
  private final Optional<EvidenceClassifier> classifier;
  private final Clock clock;

  /**
   * Answers by the system's clock and time zone.
   *
   * @param knowledge passages of documents
   * @param store log lines and events; without one only documents and given evidence answer
   * @param classifier weighs the evidence of a question together, beside the built-in rules
   */
  public PassageAnswerer(
      KnowledgeBase knowledge, Optional<LogStore> store, Optional<EvidenceClassifier> classifier) {
    this(knowledge, store, classifier, Clock.systemDefaultZone());
  }

  /**
   * Answers by another clock; times of day in questions are read in its zone.
   *
   * @param knowledge passages of documents
   * @param store log lines and events
   * @param classifier weighs the evidence of a question together
   * @param clock what "in the past hour" is reckoned from
   */
  public PassageAnswerer(
      KnowledgeBase knowledge,
      Optional<LogStore> store,
      Optional<EvidenceClassifier> classifier,
      Clock clock) {
    this.knowledge = knowledge;
    this.store = store.map(StoreEvidence::new);
    this.classifier = classifier;
    this.clock = clock;
  }

  /** The passage that a citation names: of the knowledge base, or a built-in check. */
  public Optional<Passage> passage(String id) {
    Optional<Passage> check = Checks.passage(id);
    return check.isPresent() ? check : knowledge.passage(id);
  }

  @Override
  public Answer answer(Question question) {
    return draft(question).answer();
  }

  /**
   * Answers from pieces of evidence given, not from the store. Log citations are then numbered
   * {@code piece:line}, both from 1.
   */
  public Answer answer(Question question, List<Evidence> evidence) {
    return draft(question, evidence).answer();
  }

  /** An answer with what a model may be told. */
  record Drafted(Answer answer, List<Citation> material) {}

  Drafted draft(Question question, List<Evidence> evidence) {
    QuestionReader.Read read = QuestionReader.read(question.text(), now()).reported();
    Subject subject = Subject.of(read, evidence);
    EvidenceReader reader = new EvidenceReader(subject.phrase());
    for (int i = 0; i < evidence.size(); i++) {
      Evidence piece = evidence.get(i);
      boolean logs = piece.kind().equals("logs") || piece.kind().equals("other");
      List<EvidenceLine> lines = new ArrayList<>();
      int number = 0;
      for (String text : piece.text().split("\n", -1)) {
        number++;
        if (!text.isBlank() && text.length() <= 64 * MAX_LINE) {
          String id = (i + 1) + ":" + number;
          lines.add(
              new EvidenceLine(
                  id, piece.kind() + " " + (i + 1) + ", line " + number, text, logs, 1));
        }
      }
      if (piece.kind().equals("other")) {
        lines.forEach(reader::other);
      } else if (logs) {
        lines.forEach(l -> reader.log(l, false));
      } else {
        reader.cluster(lines);
      }
    }
    List<String> notes = new ArrayList<>();
    Optional<Diagnosis> diagnosis = diagnose(evidence, notes);
    String all = String.join("\n", evidence.stream().map(Evidence::text).toList());
    boolean named =
        read.names().isEmpty()
            || read.names().stream().anyMatch(n -> mentions(all, n))
            || subject.found()
            || evidence.stream().noneMatch(e -> e.text().startsWith("Name:"));
    return write(question, read, subject, reader, diagnosis, named, all, notes);
  }

  Drafted draft(Question question) {
    QuestionReader.Read read = QuestionReader.read(question.text(), now());
    List<String> notes = new ArrayList<>();
    if (store.isEmpty()) {
      boolean named = read.names().isEmpty() && question.service().isEmpty();
      Subject subject = Subject.of(read, List.of());
      return write(
          question, read, subject, new EvidenceReader(""), Optional.empty(), named, "", notes);
    }
    StoreEvidence.Found found;
    try {
      found =
          store
              .get()
              .find(
                  read,
                  question.namespace(),
                  question.service(),
                  question.since(),
                  question.text());
    } catch (CopilotException e) {
      notes.add("the log store can't be read: " + e.getMessage());
      found =
          new StoreEvidence.Found(
              Origin.UNKNOWN, List.of(), List.of(), List::of, List.of(), true, 0);
    }
    Subject subject = Subject.of(read, found.about());
    read = subject.found() ? read.reported() : read;
    EvidenceReader reader = new EvidenceReader(subject.phrase());
    List<String> eventText = new ArrayList<>();
    List<String> logText = new ArrayList<>();
    for (LogStore.Stored s : found.events()) {
      String reason = s.record().attributes().getOrDefault(LogRecord.ATTR_REASON, "");
      boolean warning =
          s.record().attributes().getOrDefault(LogRecord.ATTR_EVENT_TYPE, "").equals("Warning")
              || s.severity().compareTo(Severity.WARN) >= 0;
      reader.storedEvent(StoreEvidence.line(s, 1), reason, warning);
      eventText.add((warning ? "Warning " : "Normal ") + reason + " " + s.record().message());
    }
    for (LogStore.Group g : found.groups()) {
      if (g.sample().record().kind() == LogRecord.Kind.LOG) {
        boolean serious = g.sample().severity().compareTo(Severity.ERROR) >= 0;
        reader.log(StoreEvidence.line(g.sample(), g.count()), serious);
        logText.add(g.sample().record().message());
      }
    }
    for (LogStore.Stored s : found.ended()) {
      reader.log(StoreEvidence.line(s, 1), false);
      logText.add(s.record().message());
    }
    // What led to the first error is asked only while no cause is known: it costs three queries.
    for (LogStore.Stored s :
        reader.knowsCause() ? List.<LogStore.Stored>of() : around(found, notes)) {
      reader.log(StoreEvidence.line(s, 1), s.severity().compareTo(Severity.ERROR) >= 0);
      logText.add(s.record().message());
    }
    List<Evidence> pieces = new ArrayList<>();
    if (!eventText.isEmpty()) {
      pieces.add(new Evidence("events", String.join("\n", eventText)));
    }
    if (!logText.isEmpty()) {
      pieces.add(new Evidence("logs", String.join("\n", logText)));
    }
    Optional<Diagnosis> diagnosis = diagnose(pieces, notes);
    String all = String.join("\n", eventText) + "\n" + String.join("\n", logText);
    if (found.named() && found.seen() > 0) {
      reader.tally(found.groups());
    }
    return write(question, read, subject, reader, diagnosis, found.named(), all, notes);
  }

  private static List<LogStore.Stored> around(StoreEvidence.Found found, List<String> notes) {
    try {
      return found.around().get();
    } catch (CopilotException e) {
      notes.add("the lines around the first error can't be read: " + e.getMessage());
      return List.of();
    }
  }

  private ZonedDateTime now() {
    return ZonedDateTime.now(clock);
  }

  private Optional<Diagnosis> diagnose(List<Evidence> pieces, List<String> notes) {
    if (classifier.isEmpty() || pieces.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(classifier.get().classify(pieces));
    } catch (RuntimeException e) {
      notes.add("the evidence could not be classified: " + ModelBoundary.reason(e));
      return Optional.empty();
    }
  }

  private static boolean mentions(String all, String name) {
    String lower = all.toLowerCase(Locale.ROOT);
    String n = name.toLowerCase(Locale.ROOT);
    return lower.contains(n)
        || lower.contains(n.replaceAll("-[a-z0-9]{5,10}-[a-z0-9]{5}$|-[a-z0-9]{5}$", "-"));
  }

  private Drafted write(
      Question question,
      QuestionReader.Read read,
      Subject subject,
      EvidenceReader reader,
      Optional<Diagnosis> diagnosis,
      boolean named,
      String all,
      List<String> notes) {
    List<Observation> seen = new ArrayList<>(reader.observations());
    seen.removeIf(o -> o.weight() < MIN_WEIGHT);
    if (!SLOW.matcher(question.text()).find() && seen.stream().anyMatch(o -> !slow(o))) {
      seen.removeIf(PassageAnswerer::slow);
    }
    boolean suspected = Checks.of(question.category()).isPresent();
    boolean alert = ALERT.matcher(question.text()).find();
    boolean onTopic = named && (suspected || (read.diagnostic() && topical(read, seen, all)));
    AnswerDraft draft = new AnswerDraft();
    String category = Category.NONE;
    List<Suggestion> suggestions = new ArrayList<>();
    if (onTopic && !seen.isEmpty()) {
      category = Report.category(seen, diagnosis, suspected ? question.category() : "");
      Report.what(draft, reader, subject, seen, read);
      String query = Report.query(category, seen, question.text());
      Report.resolved(draft, category, subject, resolutions(seen, notes), suggestions);
      List<Hit> hits = documents(search(query, DOCUMENT_HITS + RESOLUTION_HITS, notes));
      Report.advise(draft, category, seen, subject, hits, suggestions);
    } else if (onTopic && (suspected || (alert && reader.lines() > 0))) {
      category = suspected ? question.category() : Report.category(question.text());
      List<Hit> hits = search(question.text(), 3, notes);
      Report.state(draft, reader, subject);
      Observation asked = new Observation(category, MIN_WEIGHT, question.text(), List.of());
      Report.advise(draft, category, List.of(asked), subject, hits, suggestions);
      notes.add(
          "the lines themselves show no problem: this is what the documents say of "
              + (suspected ? "what is suspected" : "the alert"));
    } else if (!read.diagnostic() || (named && read.names().isEmpty() && reader.lines() == 0)) {
      List<Hit> hits = search(question.text(), 3, notes);
      Report.fromPassages(draft, question.text(), hits);
    }
    if (draft.isEmpty()) {
      notes.addAll(
          Report.collect(read, subject, named, onTopic, reader.lines(), store.isPresent()));
      return new Drafted(Answer.none(notes), List.of());
    }
    if (!draft.dropped().isEmpty()) {
      notes.add(draft.dropped().size() + " sentences left out: not supported by what they cite");
    }
    List<Citation> material = new ArrayList<>(draft.citations());
    return new Drafted(
        new Answer(draft.text(), true, draft.citations(), suggestions, "none", notes), material);
  }

  /** Past incidents whose first line was like the one seen now. */
  private List<Hit> resolutions(List<Observation> seen, List<String> notes) {
    if (knowledge.documents().stream().noneMatch(d -> d.startsWith(Resolution.PREFIX))) {
      return List.of();
    }
    List<EvidenceLine> lines = seen.get(0).lines();
    String query = lines.isEmpty() ? seen.get(0).sentence() : lines.get(0).text();
    return search(query, RESOLUTION_HITS, notes);
  }

  /** The best hits that are no past incidents. */
  private static List<Hit> documents(List<Hit> hits) {
    return hits.stream()
        .filter(h -> Resolution.of(h.passage()).isEmpty())
        .limit(DOCUMENT_HITS)
        .toList();
  }

  private static boolean slow(Observation o) {
    return o.sentence().startsWith("High latency");
  }

  /** Whether the evidence holds what the question is especially about. */
  private static boolean topical(QuestionReader.Read read, List<Observation> seen, String all) {
    Map<String, Boolean> memo = new LinkedHashMap<>();
    String lower = all.toLowerCase(Locale.ROOT);
    for (List<String> topic : read.topics()) {
      boolean held =
          topic.stream()
              .anyMatch(
                  w ->
                      memo.computeIfAbsent(
                          w,
                          x ->
                              seen.stream()
                                      .anyMatch(
                                          o -> o.sentence().toLowerCase(Locale.ROOT).contains(x))
                                  || (seen.isEmpty() && lower.contains(x))));
      if (!held) {
        return false;
      }
    }
    return true;
  }

  private List<Hit> search(String query, int limit, List<String> notes) {
    try {
      String bounded = query.length() > 1000 ? query.substring(0, 1000) : query;
      return knowledge.search(bounded, limit);
    } catch (CopilotException e) {
      notes.add("documents can't be searched: " + e.getMessage());
      return List.of();
    }
  }
}
