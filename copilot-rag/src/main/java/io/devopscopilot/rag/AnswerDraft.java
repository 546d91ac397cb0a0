package io.devopscopilot.rag;

import com.google.re2j.Pattern;
import io.devopscopilot.api.Answerer.Citation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** An answer while it is written: sentences pass the gate or are left out. Not thread-safe. */
final class AnswerDraft {
  private final Map<String, Integer> numbers = new LinkedHashMap<>();
  private final List<Citation> citations = new ArrayList<>();
  private final Set<String> sentences = new LinkedHashSet<>();
  private final List<String> dropped = new ArrayList<>();

  /**
   * Says a sentence.
   *
   * @param sentence without marks and full stop
   * @return whether what is cited supports it
   */
  boolean say(String sentence, List<Citation> cited) {
    return say(sentence, cited, false);
  }

  /** The same for a sentence that a rule wrote, see {@link Gate#ruleObjection}. */
  boolean sayRule(String sentence, List<Citation> cited) {
    return say(sentence, cited, true);
  }

  /** What a page or a chat window might act upon. */
  static final Pattern ACTIVE =
      Pattern.compile(
          "(?i)<[/!]|<(?:script|img|iframe|svg|a|object|embed|style|link|meta|form|input|video|audio"
              + "|body|html|base|math|details|button)\\b|\\]\\(|(?:javascript|vbscript|data):\\S"
              + "|[\\p{Cc}\\p{Cf}]");

  /** Shows a sentence with names filled in, after checking it as it is cited. */
  boolean sayFilled(String sentence, String shown, List<Citation> cited) {
    if (!say(sentence, cited, true)) {
      return false;
    }
    String last = sentences.stream().reduce((a, b) -> b).orElse("");
    if (!shown.equals(sentence) && last.startsWith(sentence) && !ACTIVE.matcher(shown).find()) {
      sentences.remove(last);
      sentences.add(shown + last.substring(sentence.length()));
    }
    return true;
  }

  private boolean say(String sentence, List<Citation> offered, boolean rule) {
    if (ACTIVE.matcher(sentence).find()) {
      dropped.add("it holds markup");
      return false;
    }
    Set<String> said = new HashSet<>(SearchText.terms(SearchText.WORDS, sentence));
    List<Citation> cited = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    for (Citation c : offered) {
      if (SearchText.terms(SearchText.WORDS, c.text()).stream().anyMatch(said::contains)) {
        cited.add(c);
        texts.add(c.text());
        texts.add(c.source());
      }
    }
    Optional<String> objection =
        rule ? Gate.ruleObjection(sentence, texts) : Gate.objection(sentence, texts);
    if (objection.isPresent()) {
      dropped.add(objection.get());
      return false;
    }
    StringBuilder out = new StringBuilder(sentence.strip());
    if (out.charAt(out.length() - 1) == '.') {
      out.setLength(out.length() - 1);
    }
    out.append(' ');
    Set<Integer> marks = new LinkedHashSet<>();
    for (Citation c : cited) {
      marks.add(number(c));
    }
    marks.forEach(n -> out.append('[').append(n).append(']'));
    return sentences.add(out.append('.').toString());
  }

  private int number(Citation c) {
    Integer known = numbers.get(c.id() + '\n' + c.text());
    if (known != null) {
      return known;
    }
    citations.add(c);
    numbers.put(c.id() + '\n' + c.text(), citations.size());
    return citations.size();
  }

  boolean isEmpty() {
    return sentences.isEmpty();
  }

  /** One sentence a line. */
  String text() {
    return String.join("\n", sentences);
  }

  List<Citation> citations() {
    return citations;
  }

  /** Why sentences were left out. */
  List<String> dropped() {
    return dropped;
  }
}
