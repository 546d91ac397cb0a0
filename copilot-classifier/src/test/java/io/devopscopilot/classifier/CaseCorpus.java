package io.devopscopilot.classifier;

import io.devopscopilot.api.EvidenceClassifier.Evidence;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Cases in our own words, generated from {@code cases.txt}: choices and slots in braces. */
final class CaseCorpus {
  /** A case; cases of one family differ in names and numbers and in the choices made. */
  record Case(String category, String family, List<Evidence> evidence) {}

  private static final Pattern CHOICE = Pattern.compile("\\{([^{}]*\\|[^{}]*)\\}");
  private static final Pattern SLOT = Pattern.compile("\\{([A-Za-z]{1,4})\\}");
  private static final String[] APPS = {"orders", "ledger", "mailer", "catalog", "geo", "quote"};
  private static final String[] VARS = {"DB_URL", "STORE_BUCKET", "API_TOKEN_FILE", "QUEUE_HOST"};

  private CaseCorpus() {}

  /** So many cases of each family, the same ones for a seed. */
  static List<Case> generate(int each, long seed) {
    try (InputStream in = CaseCorpus.class.getResourceAsStream("cases.txt")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      Random random = new Random(seed);
      List<Case> cases = new ArrayList<>();
      for (String family : text.split("(?m)^== ")) {
        if (!family.isBlank()) {
          for (int i = 0; i < each; i++) {
            cases.add(one(family, random));
          }
        }
      }
      return cases;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Case one(String family, Random random) {
    int end = family.indexOf('\n');
    String head = family.substring(0, end);
    String category = head.substring(0, head.indexOf(' '));
    List<Evidence> pieces = new ArrayList<>();
    for (String piece : fill(family.substring(end + 1), random).split("(?m)^-- (?=[a-z]+$)")) {
      if (!piece.isBlank()) {
        int line = piece.indexOf('\n');
        pieces.add(
            new Evidence(piece.substring(0, line), piece.substring(line + 1).stripTrailing()));
      }
    }
    return new Case(category, head, pieces);
  }

  private static String fill(String text, Random random) {
    String app = APPS[random.nextInt(APPS.length)];
    String pod = app + "-" + Integer.toString(1_000_000 + random.nextInt(9_000_000), 36) + "-x7k2p";
    String filled = replace(SLOT, text, random, app, pod);
    String before = "";
    while (!before.equals(filled)) {
      before = filled;
      filled = replace(CHOICE, filled, random, app, pod);
    }
    return filled;
  }

  private static String replace(
      Pattern pattern, String text, Random random, String app, String pod) {
    return pattern
        .matcher(text)
        .replaceAll(m -> Matcher.quoteReplacement(value(m.group(1), m.group(), random, app, pod)));
  }

  private static String value(String slot, String all, Random random, String app, String pod) {
    if (slot.contains("|")) {
      String[] choices = slot.split("\\|");
      return choices[random.nextInt(choices.length)];
    }
    return switch (slot) {
      case "app" -> app;
      case "pod" -> pod;
      case "ns" -> "team-" + app.charAt(0);
      case "n" -> Integer.toString(2 + random.nextInt(8));
      case "hex" -> Integer.toHexString(random.nextInt(1 << 28));
      case "ip" -> "10.4." + random.nextInt(200) + "." + random.nextInt(200);
      case "port" -> Integer.toString(3000 + random.nextInt(6000));
      case "dep" -> "stock." + app.charAt(0) + "-data.svc";
      case "reg" -> "registry.acme.test";
      case "VAR" -> VARS[random.nextInt(VARS.length)];
      case "time" -> "2026-02-11T10:0" + random.nextInt(10) + ":17.220Z";
      default -> all;
    };
  }
}
