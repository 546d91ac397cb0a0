package io.devopscopilot.rag;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.CharArraySet;
import org.apache.lucene.analysis.LowerCaseFilter;
import org.apache.lucene.analysis.StopFilter;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.analysis.core.FlattenGraphFilter;
import org.apache.lucene.analysis.en.KStemFilter;
import org.apache.lucene.analysis.miscellaneous.WordDelimiterGraphFilter;
import org.apache.lucene.analysis.pattern.PatternTokenizer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;

/** How text becomes search terms: CamelCase split, stop words dropped, word forms joined. */
final class SearchText {
  private static final Pattern NOT_WORD = Pattern.compile("[^\\p{L}\\p{N}]+");
  private static final Pattern PLACEHOLDER =
      Pattern.compile("<[A-Za-z_][\\w.-]{0,40}>|\\{\\{?[^{}]{0,60}\\}?\\}|\\$\\w+");
  private static final Pattern SHORTCODE =
      Pattern.compile("\\{\\{[<%].*?[%>]\\}\\}|\\{#[^}]*\\}|<!--.*?-->", Pattern.DOTALL);
  private static final Pattern LINK = Pattern.compile("\\]\\([^)\\s]*\\)");

  static final CharArraySet STOP =
      CharArraySet.unmodifiableSet(
          new CharArraySet(
              Set.of(
                  ("a an and are as at be been by can could do does did for from had has have how i"
                          + " if in into is it its my no of on or our should so such that the their"
                          + " then there these they this to was we were what when where which"
                          + " while who why will with would you your me am not")
                      .split(" ")),
              true));

  /** Terms for matching by meaning of words. */
  static final Analyzer WORDS =
      new Analyzer() {
        @Override
        protected TokenStreamComponents createComponents(String field) {
          Tokenizer source = new PatternTokenizer(NOT_WORD, -1);
          TokenStream t =
              new WordDelimiterGraphFilter(
                  source,
                  WordDelimiterGraphFilter.GENERATE_WORD_PARTS
                      | WordDelimiterGraphFilter.GENERATE_NUMBER_PARTS
                      | WordDelimiterGraphFilter.PRESERVE_ORIGINAL
                      | WordDelimiterGraphFilter.SPLIT_ON_CASE_CHANGE,
                  null);
          t = new FlattenGraphFilter(t);
          t = new LowerCaseFilter(t);
          t = new StopFilter(t, STOP);
          t = new KStemFilter(t);
          return new TokenStreamComponents(source, t);
        }
      };

  /** Terms as they are written, for phrases. */
  static final Analyzer PLAIN =
      new Analyzer() {
        @Override
        protected TokenStreamComponents createComponents(String field) {
          Tokenizer source = new PatternTokenizer(NOT_WORD, -1);
          return new TokenStreamComponents(source, new LowerCaseFilter(source));
        }
      };

  private SearchText() {}

  /** The terms of a text, in order, with repetitions. */
  static List<String> terms(Analyzer analyzer, String text) {
    List<String> out = new ArrayList<>();
    try (TokenStream stream = analyzer.tokenStream("text", text)) {
      CharTermAttribute term = stream.addAttribute(CharTermAttribute.class);
      stream.reset();
      while (stream.incrementToken()) {
        out.add(term.toString());
      }
      stream.end();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out;
  }

  /** A question without the variables of templates, unless nothing else is left. */
  static String query(String text) {
    String without = PLACEHOLDER.matcher(text).replaceAll(" ");
    return terms(WORDS, without).isEmpty() ? text : without;
  }

  /** Text of a document without what only its publisher's tools read. */
  static String document(String text) {
    return LINK.matcher(SHORTCODE.matcher(text).replaceAll(" ")).replaceAll("] ");
  }
}
