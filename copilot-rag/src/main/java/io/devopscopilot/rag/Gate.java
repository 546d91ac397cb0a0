package io.devopscopilot.rag;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Decides in code whether what is cited supports a sentence: what the sentence quotes, its names
 * and its numbers stand in the cited text, its negation does not turn the cited text round, and a
 * share of its words occurs there.
 */
final class Gate {
  /**
   * At least this share of a sentence's content words, stemmed, must occur in the cited text. See
   * docs/answers.md for how it was chosen.
   */
  static final double MIN_COVERAGE = 0.6;

  /** A mark of a citation. */
  static final Pattern MARK = Pattern.compile("\\[([0-9]{1,3})\\]");

  private static final Pattern QUOTED =
      Pattern.compile("`([^`]{1,300})`|\u201C([^\u201D]{1,600})\u201D|\"([^\"]{2,300})\"");
  private static final Pattern NAMED =
      Pattern.compile(
          "[A-Za-z0-9][\\w@$%&+~-]*(?:[./:=@_-][\\w@$%&+~-]+)+" // a-b, a.b/c, KEY=1, host:1
              + "|\\b[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+\\b" // CamelCase
              + "|\\b[A-Z][A-Z0-9]{2,}\\b" // CAPITALS
              + "|\\b[A-Za-z]*[0-9][A-Za-z0-9]*\\b" // numbers, x86
              + "|\\b[0-9]+(?:[.,][0-9]+)*\\b");
  private static final Pattern NEGATION =
      Pattern.compile("(?i)\\b(?:not|no|never|none|neither|nor|cannot|without)\\b|n['\u2019]t\\b");
  private static final Pattern DENIED_WORD =
      Pattern.compile(
          "(?i)(?:\\b(?:not|no|never|cannot|without)|n['\u2019]t)\\s+(?:been?\\s+|being\\s+|longer\\s+"
              + "|any\\s+|a\\s+|the\\s+)*([\\p{L}\\p{N}]+)");
  private static final Pattern FAILURE =
      Pattern.compile(
          "(?i)\\b(?:not|no|never|none|cannot|without|unable|missing|denied|refused?|invalid|un\\w+"
              + "|insufficient|lacks?|fail\\w*|errors?|exceed\\w*|exhausted|forbidden|expired"
              + "|undefined|empty|wrong|mis\\w+|timed? ?out|back-?off|\\w*BackOff|\\w*Error|kill\\w*"
              + "|OOMKilled|false|down|pending|disabled)\\b|n['\u2019]t\\b|<none>");

  /** The end of a number, or a unit. */
  private static final Pattern AFTER_NUMBER =
      Pattern.compile("^(?:[^a-z0-9]|$|(?:ms|s|m|h|d|x|[kmgt]i?b?|millicores)(?:[^a-z0-9]|$))");

  private static final Set<String> PLAIN_NAMES =
      Set.of("pvc", "dns", "ssl", "tls", "cpu", "rbac", "ssl/tls", "url", "api", "http", "ip");

  private Gate() {}

  /**
   * What speaks against a sentence, empty if it is supported.
   *
   * @param sentence without marks
   * @param cited texts it rests on, with where they come from
   */
  static Optional<String> objection(String sentence, List<String> cited) {
    return objection(sentence, cited, false);
  }

  /**
   * What speaks against a sentence that a rule of this product wrote: its general words are the
   * rule's, so only what it quotes and its numbers are looked for.
   */
  static Optional<String> ruleObjection(String sentence, List<String> cited) {
    return objection(sentence, cited, true);
  }

  private static Optional<String> objection(String sentence, List<String> cited, boolean rule) {
    if (cited.isEmpty()) {
      return Optional.of("nothing is cited");
    }
    String all = squeeze(String.join("\n", cited));
    String plain = sentence;
    Matcher quoted = QUOTED.matcher(sentence);
    StringBuilder quotes = new StringBuilder();
    while (quoted.find()) {
      for (int i = 1; i <= 3; i++) {
        String quote = quoted.group(i);
        if (quote == null) {
          continue;
        }
        if (!all.contains(squeeze(quote))) {
          return Optional.of("quotes what is not there: " + quote);
        }
        quotes.append(' ').append(quote);
      }
      plain = plain.replace(quoted.group(), " ");
    }
    Matcher named = NAMED.matcher(plain);
    while (named.find()) {
      String name = squeeze(named.group());
      boolean digits = name.matches("[0-9.,]+");
      if (!PLAIN_NAMES.contains(name) && (digits || !rule) && !names(all, name)) {
        return Optional.of("names what is not there: " + named.group());
      }
    }
    if (rule) {
      return Optional.empty();
    }
    boolean denies = NEGATION.matcher(plain).find();
    if (denies && !FAILURE.matcher(all).find()) {
      return Optional.of("denies what is not denied there");
    }
    if (denies && denied(plain, cited)) {
      return Optional.of("denies what is asserted there");
    }
    Set<String> terms = new HashSet<>(SearchText.terms(SearchText.WORDS, sentence));
    if (!denies && !FAILURE.matcher(plain).find() && turned(terms, cited)) {
      return Optional.of("asserts what is denied there");
    }
    Set<String> have = new HashSet<>(SearchText.terms(SearchText.WORDS, all));
    long found = terms.stream().filter(have::contains).count();
    if (terms.isEmpty() || found < MIN_COVERAGE * terms.size()) {
      return Optional.of("says more than is there: " + found + " of " + terms.size() + " words");
    }
    return Optional.empty();
  }

  /** Whether a word right after a negation stands in the cited text without any. */
  private static boolean denied(String plain, List<String> cited) {
    Matcher m = DENIED_WORD.matcher(plain);
    while (m.find()) {
      List<String> word = SearchText.terms(SearchText.WORDS, m.group(1));
      for (String text : cited) {
        for (String clause : text.split("[.;,:\\n]")) {
          StringBuilder rest = new StringBuilder();
          boolean held = false;
          for (String w : clause.split("[^\\p{L}\\p{N}'\u2019]+")) {
            boolean same = !word.isEmpty() && SearchText.terms(SearchText.WORDS, w).equals(word);
            held |= same;
            rest.append(same ? "" : w).append(' ');
          }
          if (held && !FAILURE.matcher(rest).find()) {
            return true;
          }
        }
      }
    }
    return false;
  }

  /** Whether the part of the cited text that is nearest to the sentence is a denial. */
  private static boolean turned(Set<String> terms, List<String> cited) {
    double best = 0;
    boolean denied = false;
    for (String text : cited) {
      for (String clause : text.split("[.;,:\\n]")) {
        List<String> words = SearchText.terms(SearchText.WORDS, clause);
        double shared = words.stream().filter(terms::contains).distinct().count();
        if (shared > best) {
          best = shared;
          denied = NEGATION.matcher(clause).find();
        }
      }
    }
    return denied;
  }

  private static boolean names(String all, String name) {
    int at = all.indexOf(name);
    boolean number = name.matches("[0-9.,]+");
    while (at >= 0) {
      int end = at + name.length();
      boolean clear =
          !number
              || (at == 0 || !Character.isLetterOrDigit(all.charAt(at - 1)))
                  && AFTER_NUMBER.matcher(all.substring(end)).find();
      if (clear) {
        return true;
      }
      at = all.indexOf(name, at + 1);
    }
    return false;
  }

  static String squeeze(String text) {
    return text.replaceAll("\\s+", " ").strip().toLowerCase(Locale.ROOT);
  }
}
