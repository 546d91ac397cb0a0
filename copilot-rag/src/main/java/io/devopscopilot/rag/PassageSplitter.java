package io.devopscopilot.rag;

import io.devopscopilot.api.KnowledgeBase.Passage;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Packs the blocks of a document into passages: cut at headings, short neighbouring sections
 * joined, long ones split between blocks, code and tables whole where they fit.
 *
 * <p>Sizes are words; 110 words with their headings are about 160 tokens, 150 about 220: below the
 * 256 tokens that the embedding model was trained on.
 */
final class PassageSplitter {
  /** A passage is closed at the next block once it would have more words than this. */
  static final int TARGET_WORDS = 110;

  /** A block that may not be cut may be so long. */
  static final int MAX_WORDS = 220;

  /** A section shorter than this is joined with the next one. */
  static final int SHORT_WORDS = 40;

  private static final Pattern SENTENCE_END = Pattern.compile("(?<=[.!?])\\s+");

  private PassageSplitter() {}

  static List<Passage> passages(String document, String name, String text, double weight) {
    DocumentParser.Parsed parsed = DocumentParser.parse(name, text);
    List<Passage> out = new ArrayList<>();
    Map<String, Integer> seen = new HashMap<>();
    List<Block> open = new ArrayList<>();
    int words = 0;
    for (Block whole : parsed.blocks()) {
      for (Block block : fit(whole)) {
        int n = block.words();
        boolean otherSection =
            !open.isEmpty() && !open.get(open.size() - 1).trail().equals(block.trail());
        if (!open.isEmpty()
            && (words + n > TARGET_WORDS || (otherSection && words >= SHORT_WORDS))) {
          close(document, parsed.title(), open, weight, seen, out);
          words = 0;
        }
        open.add(block);
        words += n;
      }
    }
    close(document, parsed.title(), open, weight, seen, out);
    return out;
  }

  /** A block in pieces that fit. */
  private static List<Block> fit(Block block) {
    int limit = block.solid() ? MAX_WORDS : TARGET_WORDS + SHORT_WORDS;
    if (block.words() <= limit) {
      return List.of(block);
    }
    List<Block> pieces = new ArrayList<>();
    String[] lines = block.text().split("\n", -1);
    StringBuilder open = new StringBuilder();
    int first = block.first();
    for (int i = 0; i < lines.length; i++) {
      int number = Math.min(block.first() + i, block.last());
      for (String part : parts(lines[i], block.solid())) {
        if (!open.isEmpty()
            && Block.words(open.toString()) + Block.words(part) > TARGET_WORDS + SHORT_WORDS) {
          pieces.add(piece(block, first, number, open));
          open.setLength(0);
          first = number;
        }
        open.append(part);
      }
      open.append('\n');
    }
    if (!open.toString().isBlank()) {
      pieces.add(piece(block, first, block.last(), open));
    }
    return pieces;
  }

  private static Block piece(Block block, int first, int last, StringBuilder text) {
    return new Block(block.trail(), first, last, text.toString().stripTrailing(), block.solid());
  }

  /** A line in parts that, joined, are the line; no part is longer than the limit. */
  private static List<String> parts(String line, boolean solid) {
    if (Block.words(line) <= TARGET_WORDS) {
      return List.of(line);
    }
    List<String> parts = new ArrayList<>();
    if (!solid) {
      int from = 0;
      Matcher end = SENTENCE_END.matcher(line);
      while (end.find()) {
        parts.add(line.substring(from, end.end()));
        from = end.end();
      }
      parts.add(line.substring(from));
    } else {
      parts.add(line);
    }
    List<String> out = new ArrayList<>();
    for (String part : parts) {
      String rest = part;
      while (Block.words(rest) > TARGET_WORDS) {
        int cut = 0;
        for (int n = 0; n < TARGET_WORDS; n++) {
          while (cut < rest.length() && Character.isWhitespace(rest.charAt(cut))) {
            cut++;
          }
          while (cut < rest.length() && !Character.isWhitespace(rest.charAt(cut))) {
            cut++;
          }
        }
        out.add(rest.substring(0, cut));
        rest = rest.substring(cut);
      }
      if (!rest.isEmpty()) {
        out.add(rest);
      }
    }
    return out;
  }

  private static void close(
      String document,
      String title,
      List<Block> open,
      double weight,
      Map<String, Integer> seen,
      List<Passage> out) {
    if (open.isEmpty()) {
      return;
    }
    Block firstBlock = open.get(0);
    List<String> trail = new ArrayList<>(firstBlock.trail());
    if (trail.isEmpty()) {
      // The title's own paragraph and the first section, where that is short.
      trail.addAll(open.get(open.size() - 1).trail());
    }
    StringBuilder text = new StringBuilder();
    int last = firstBlock.first() - 1;
    for (Block block : open) {
      if (!text.isEmpty()) {
        text.append(block.first() - last > 1 ? "\n\n" : "\n");
      }
      text.append(block.text());
      last = block.last();
    }
    trail.remove(title);
    String heading = String.join(" > ", trail);
    String full = heading.isEmpty() ? title : title + " > " + heading;
    String id = id(document, full, text.toString());
    int n = seen.merge(id, 1, Integer::sum);
    out.add(
        new Passage(
            n == 1 ? id : id + "-" + n,
            document,
            full,
            text.toString(),
            firstBlock.first(),
            Math.max(last, firstBlock.first()),
            weight));
    open.clear();
  }

  static String id(String document, String heading, String text) {
    return sha256(document + "\u0000" + heading + "\u0000" + text).substring(0, 32);
  }

  static String sha256(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
