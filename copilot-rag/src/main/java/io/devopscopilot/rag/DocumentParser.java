package io.devopscopilot.rag;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.commonmark.ext.gfm.tables.TableBlock;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Heading;
import org.commonmark.node.IndentedCodeBlock;
import org.commonmark.node.ListBlock;
import org.commonmark.node.Node;
import org.commonmark.node.SourceSpan;
import org.commonmark.parser.IncludeSourceSpans;
import org.commonmark.parser.Parser;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;

/** Reads a document into blocks with their headings and lines. */
final class DocumentParser {
  private static final Parser MARKDOWN =
      Parser.builder()
          .extensions(List.of(TablesExtension.create()))
          .includeSourceSpans(IncludeSourceSpans.BLOCKS)
          .build();
  private static final Pattern ANCHOR = Pattern.compile("\\s*\\{#[^}]*\\}\\s*$");
  private static final Pattern MARKS = Pattern.compile("[`*_]+");
  private static final Pattern ASCIIDOC_HEADING = Pattern.compile("^(={1,6})\\s+(\\S.*)$");

  private DocumentParser() {}

  /** What a file name says about its format. */
  enum Format {
    MARKDOWN,
    TEXT,
    HTML,
    ASCIIDOC
  }

  /** A document read. */
  record Parsed(String title, List<Block> blocks) {}

  static Format format(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    if (lower.endsWith(".html") || lower.endsWith(".htm")) {
      return Format.HTML;
    }
    if (lower.endsWith(".adoc") || lower.endsWith(".asciidoc") || lower.endsWith(".asc")) {
      return Format.ASCIIDOC;
    }
    if (lower.endsWith(".txt") || lower.endsWith(".text") || lower.endsWith(".log")) {
      return Format.TEXT;
    }
    return Format.MARKDOWN;
  }

  static Parsed parse(String name, String text) {
    String clean = text.startsWith("\uFEFF") ? text.substring(1) : text;
    return switch (format(name)) {
      case MARKDOWN -> markdown(name, clean);
      case TEXT -> text(name, clean);
      case HTML -> html(name, clean);
      case ASCIIDOC -> asciidoc(name, clean);
    };
  }

  private static Parsed markdown(String name, String text) {
    List<String> lines = text.lines().toList();
    int start = 0;
    String title = "";
    if (!lines.isEmpty() && lines.get(0).strip().equals("---")) {
      for (int i = 1; i < lines.size(); i++) {
        if (lines.get(i).strip().equals("---")) {
          start = i + 1;
          break;
        }
      }
      for (String line : lines.subList(0, start)) {
        if (line.startsWith("title:")) {
          title = unquote(line.substring(6).strip());
        }
      }
    }
    String body = String.join("\n", lines.subList(start, lines.size()));
    Trail trail = new Trail();
    List<Block> blocks = new ArrayList<>();
    for (Node n = MARKDOWN.parse(body).getFirstChild(); n != null; n = n.getNext()) {
      List<SourceSpan> spans = n.getSourceSpans();
      if (spans.isEmpty()) {
        continue;
      }
      int first = start + spans.get(0).getLineIndex();
      int last = start + spans.get(spans.size() - 1).getLineIndex();
      if (n instanceof Heading h) {
        String heading = heading(lines.get(first));
        if (title.isEmpty() && h.getLevel() == 1) {
          title = heading;
        } else {
          trail.set(h.getLevel(), heading);
        }
        add(blocks, trail.list(), first, last, lines, false);
      } else if (n instanceof ListBlock) {
        for (Node item = n.getFirstChild(); item != null; item = item.getNext()) {
          List<SourceSpan> s = item.getSourceSpans();
          if (!s.isEmpty()) {
            int end = start + s.get(s.size() - 1).getLineIndex();
            add(blocks, trail.list(), start + s.get(0).getLineIndex(), end, lines, false);
          }
        }
      } else {
        boolean solid =
            n instanceof FencedCodeBlock
                || n instanceof IndentedCodeBlock
                || n instanceof TableBlock;
        add(blocks, trail.list(), first, last, lines, solid);
      }
    }
    return new Parsed(title.isEmpty() ? fileTitle(name) : title, blocks);
  }

  private static void add(
      List<Block> blocks,
      List<String> trail,
      int first,
      int last,
      List<String> lines,
      boolean solid) {
    String text = String.join("\n", lines.subList(first, last + 1)).stripTrailing();
    if (!text.isBlank()) {
      blocks.add(new Block(trail, first + 1, last + 1, text, solid));
    }
  }

  private static String heading(String line) {
    String text = line.strip().replaceFirst("^#{1,6}\\s*", "").replaceFirst("\\s+#+$", "");
    return MARKS.matcher(ANCHOR.matcher(text).replaceFirst("")).replaceAll("").strip();
  }

  private static Parsed text(String name, String text) {
    List<String> lines = text.lines().toList();
    List<Block> blocks = new ArrayList<>();
    paragraphs(blocks, List.of(), lines, 0, lines.size());
    return new Parsed(fileTitle(name), blocks);
  }

  private static void paragraphs(
      List<Block> blocks, List<String> trail, List<String> lines, int from, int to) {
    int start = from;
    for (int i = from; i <= to; i++) {
      if (i == to || lines.get(i).isBlank()) {
        if (i > start) {
          add(blocks, trail, start, i - 1, lines, false);
        }
        start = i + 1;
      }
    }
  }

  private static Parsed asciidoc(String name, String text) {
    List<String> lines = text.lines().toList();
    String title = "";
    Trail trail = new Trail();
    List<Block> blocks = new ArrayList<>();
    int start = 0;
    int i = 0;
    while (i < lines.size()) {
      String line = lines.get(i);
      var heading = ASCIIDOC_HEADING.matcher(line);
      if (heading.matches()) {
        paragraphs(blocks, trail.list(), lines, start, i);
        int level = heading.group(1).length();
        if (level == 1 && title.isEmpty()) {
          title = heading.group(2).strip();
        } else {
          trail.set(level, heading.group(2).strip());
        }
        add(blocks, trail.list(), i, i, lines, false);
        start = ++i;
      } else if (line.matches("-{4,}|\\.{4,}|={4,}|\\|={3,}")) {
        paragraphs(blocks, trail.list(), lines, start, i);
        int end = i + 1;
        while (end < lines.size() && !lines.get(end).strip().equals(line.strip())) {
          end++;
        }
        end = Math.min(end, lines.size() - 1);
        add(blocks, trail.list(), i, end, lines, true);
        i = end + 1;
        start = i;
      } else {
        i++;
      }
    }
    paragraphs(blocks, trail.list(), lines, Math.min(start, lines.size()), lines.size());
    return new Parsed(title.isEmpty() ? fileTitle(name) : title, blocks);
  }

  private static Parsed html(String name, String text) {
    Document page =
        Jsoup.parse(text, "", org.jsoup.parser.Parser.htmlParser().setTrackPosition(true));
    page.select("script, style, noscript, template, nav, iframe, object, svg").remove();
    String title = page.title().strip();
    Trail trail = new Trail();
    List<Block> blocks = new ArrayList<>();
    for (Element e : page.select("h1, h2, h3, h4, h5, h6, p, li, pre, table, dt, dd")) {
      boolean inner = e.parents().stream().anyMatch(p -> p.nameIs("table") || p.nameIs("pre"));
      boolean list = e.nameIs("p") && e.parents().stream().anyMatch(p -> p.nameIs("li"));
      if (inner || list) {
        continue;
      }
      boolean solid = e.nameIs("pre") || e.nameIs("table");
      String content = e.nameIs("pre") ? e.wholeText().strip() : e.nameIs("li") ? li(e) : e.text();
      if (content.isBlank()) {
        continue;
      }
      if (e.normalName().matches("h[1-6]")) {
        int level = e.normalName().charAt(1) - '0';
        if (title.isEmpty() && level == 1) {
          title = content;
        } else if (!(level == 1 && content.equals(title))) {
          trail.set(level, content);
        }
      }
      int first = Math.max(0, e.sourceRange().start().lineNumber());
      int last = Math.max(first, e.endSourceRange().end().lineNumber());
      blocks.add(new Block(trail.list(), first, last, content, solid));
    }
    return new Parsed(title.isEmpty() ? fileTitle(name) : title, blocks);
  }

  private static String li(Element item) {
    Element copy = item.clone();
    copy.select("ul, ol, pre, table").remove();
    return copy.text();
  }

  private static String unquote(String text) {
    boolean quoted =
        text.length() > 1
            && (text.charAt(0) == '"' || text.charAt(0) == '\'')
            && text.charAt(text.length() - 1) == text.charAt(0);
    return quoted ? text.substring(1, text.length() - 1).strip() : text;
  }

  private static String fileTitle(String name) {
    String file = name.substring(name.lastIndexOf('/') + 1);
    int dot = file.lastIndexOf('.');
    String base = dot > 0 ? file.substring(0, dot) : file;
    return base.replace('-', ' ').replace('_', ' ').strip();
  }

  /** The headings in force. */
  private static final class Trail {
    private final String[] levels = new String[7];

    void set(int level, String heading) {
      levels[level] = heading;
      for (int i = level + 1; i < levels.length; i++) {
        levels[i] = "";
      }
    }

    List<String> list() {
      List<String> list = new ArrayList<>();
      for (String level : levels) {
        if (level != null && !level.isEmpty()) {
          list.add(level);
        }
      }
      return list;
    }
  }
}
