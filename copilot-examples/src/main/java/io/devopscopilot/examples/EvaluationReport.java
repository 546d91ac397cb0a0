package io.devopscopilot.examples;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.LogClassifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The figures of one {@code evaluate} run, as JSON and as a self-contained page with tables and
 * plots.
 */
final class EvaluationReport {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final Pattern NUMBER = Pattern.compile("[-+]?\\d[\\d.,]*( ?(%|s|ms))?");

  /** A series of so few points shows each. */
  private static final int DOTS = 25;

  private static final String[] COLOURS = {
    "#2563eb", "#dc2626", "#059669", "#d97706", "#7c3aed", "#0891b2"
  };

  private final String title;
  private final long start = System.nanoTime();
  private final ObjectNode json = JSON.createObjectNode();
  private final Map<String, Long> skipped = new TreeMap<>();
  private final StringBuilder body = new StringBuilder();
  private long rows;

  EvaluationReport(String title) {
    this.title = title;
  }

  /** One curve of a plot. */
  record Series(String name, List<double[]> points) {}

  /** The figures; {@code baselines} has its own object, {@link #baseline(String)}. */
  ObjectNode json() {
    return json;
  }

  /** The figures of a simple rival on the same rows. */
  ObjectNode baseline(String name) {
    return json.withObject("/baselines").withObject("/" + name);
  }

  /** Counts rows that were used. */
  void addRows(long n) {
    rows += n;
  }

  /** Counts a row that can't be used. */
  void skip(String reason) {
    skipped.merge(reason, 1L, Long::sum);
  }

  /** Which model was measured. */
  void model(LogClassifier.Model model) {
    model(model.id(), model.sha256());
  }

  /** Which model was measured. */
  void model(String id, String sha256) {
    json.putObject("model").put("id", id).put("sha256", sha256);
  }

  /** A heading on the page. */
  void heading(String text) {
    body.append("<h2>").append(escape(text)).append("</h2>\n");
  }

  /** A paragraph on the page. */
  void text(String text) {
    body.append("<p>").append(escape(text)).append("</p>\n");
  }

  /** A table on the page. */
  void table(String caption, List<String> header, List<List<String>> lines) {
    body.append("<figure><figcaption>").append(escape(caption)).append("</figcaption><table>");
    row("th", header, lines.isEmpty() ? header : lines.get(0));
    lines.forEach(line -> row("td", line, line));
    body.append("</table></figure>\n");
  }

  /** Numbers stand on the right, and so do the headings above them. */
  private void row(String tag, List<String> cells, List<String> like) {
    body.append("<tr>");
    for (int i = 0; i < cells.size(); i++) {
      boolean number = i < like.size() && NUMBER.matcher(like.get(i)).matches();
      body.append('<').append(tag).append(number ? " class='n'>" : ">");
      body.append(escape(cells.get(i))).append("</").append(tag).append('>');
    }
    body.append("</tr>\n");
  }

  /** A confusion matrix on the page and, under {@code confusion}, in the JSON object given. */
  void confusion(ObjectNode into, List<String> classes, long[][] counts) {
    ObjectNode node = into.putObject("confusion");
    List<List<String>> lines = new ArrayList<>();
    for (int truth = 0; truth < classes.size(); truth++) {
      ObjectNode line = node.putObject(classes.get(truth));
      List<String> cells = new ArrayList<>(List.of(classes.get(truth)));
      for (int said = 0; said < classes.size(); said++) {
        line.put(classes.get(said), counts[truth][said]);
        cells.add(Long.toString(counts[truth][said]));
      }
      lines.add(cells);
    }
    List<String> header = new ArrayList<>(List.of("is \\ said"));
    header.addAll(classes);
    table("Confusion: rows are the truth", header, lines);
  }

  /** A line plot on the page; the axes begin at 0 and reach 1 at least. */
  void plot(String caption, String xLabel, String yLabel, List<Series> series) {
    if (series.stream().allMatch(s -> s.points().isEmpty())) {
      text(caption + ": nothing to plot");
      return;
    }
    double minX = 0;
    double maxX = 1;
    double minY = 0;
    double maxY = 1;
    for (Series s : series) {
      for (double[] p : s.points()) {
        minX = Math.min(minX, p[0]);
        maxX = Math.max(maxX, p[0]);
        minY = Math.min(minY, p[1]);
        maxY = Math.max(maxY, p[1]);
      }
    }
    double width = maxX - minX;
    double height = maxY - minY;
    body.append("<figure><figcaption>").append(escape(caption)).append("</figcaption>\n");
    body.append("<svg viewBox='-12 0 582 330' role='img' aria-label='").append(escape(caption));
    body.append("'><rect x='50' y='10' width='500' height='270' class='frame'/>\n");
    for (int i = 0; i <= 4; i++) {
      double y = minY + height * i / 4;
      double x = minX + width * i / 4;
      body.append(label(44, 284 - 270.0 * i / 4, "end", y));
      body.append(label(50 + 500.0 * i / 4, 296, "middle", x));
    }
    body.append("<text x='300' y='318' text-anchor='middle'>").append(escape(xLabel));
    body.append("</text><text x='0' y='145' transform='rotate(-90 0 145)' text-anchor='middle'>");
    body.append(escape(yLabel)).append("</text>\n");
    for (int i = 0; i < series.size(); i++) {
      body.append("<polyline fill='none' stroke-width='2' stroke='").append(colour(i));
      body.append("' points='");
      List<double[]> points = series.get(i).points();
      for (double[] p : points) {
        body.append(number(50 + 500 * (p[0] - minX) / width)).append(',');
        body.append(number(280 - 270 * (p[1] - minY) / height)).append(' ');
      }
      body.append("'/>\n");
      for (double[] p : points.size() > DOTS ? List.<double[]>of() : points) {
        body.append("<circle r='3' fill='").append(colour(i)).append("' cx='");
        body.append(number(50 + 500 * (p[0] - minX) / width)).append("' cy='");
        body.append(number(280 - 270 * (p[1] - minY) / height)).append("'/>\n");
      }
    }
    body.append("</svg><p class='legend'>");
    for (int i = 0; i < series.size(); i++) {
      body.append("<span style='color:").append(colour(i)).append("'>&#9632; ");
      body.append(escape(series.get(i).name())).append("</span> ");
    }
    body.append("</p></figure>\n");
  }

  /**
   * A drawing on the page.
   *
   * @param svg trusted: made by the caller from numbers and from text that {@link #escape} went
   *     over
   */
  void drawing(String caption, String svg) {
    body.append("<figure><figcaption>").append(escape(caption)).append("</figcaption>\n");
    body.append(svg).append("</figure>\n");
  }

  private static String colour(int i) {
    return COLOURS[i % COLOURS.length];
  }

  private static String label(double x, double y, String anchor, double value) {
    return String.format(
        Locale.ROOT, "<text x='%.1f' y='%.1f' text-anchor='%s'>%.3g</text>", x, y, anchor, value);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  /**
   * Writes what the options ask for and one line of summary to standard error.
   *
   * @throws Main.UsageException if no row was of use
   */
  void write(EvaluationOptions options) {
    if (rows == 0) {
      throw new Main.UsageException(
          "nothing to measure: no row of the data is of use"
              + (skipped.isEmpty() ? "" : ", skipped " + skipped));
    }
    json.put("rows", rows);
    ObjectNode reasons = json.putObject("skippedReasons");
    skipped.forEach(reasons::put);
    json.put("skipped", skipped.values().stream().mapToLong(Long::longValue).sum());
    json.put("seconds", (System.nanoTime() - start) / 1e9);
    if (!json.has("model")) {
      model("none", "");
    }
    json.withObject("/baselines");
    String text = toJson();
    try {
      if (options.json.isPresent() && !options.json.get().equals("-")) {
        Files.writeString(Path.of(options.json.get()), text + "\n");
      } else if (options.json.isPresent()) {
        options.out().println(text);
        options.out().flush();
      }
      if (options.html.isPresent()) {
        Files.writeString(options.html.get(), page(text));
      }
    } catch (IOException e) {
      throw new CopilotException("the report can't be written: " + Main.reason(e), e);
    }
    options
        .err()
        .printf(
            Locale.ROOT,
            "%s: %d rows, %d skipped, %.1f s%n",
            title,
            rows,
            json.get("skipped").asLong(),
            json.get("seconds").asDouble());
    options.err().flush();
  }

  private String toJson() {
    try {
      return JSON.writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new CopilotException("the figures can't be written as JSON: " + e.getMessage(), e);
    }
  }

  private String page(String figures) {
    return "<!doctype html><html lang='en'><meta charset='utf-8'>"
        + "<meta name='viewport' content='width=device-width'><title>"
        + escape(title)
        + "</title><style>body{font:15px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;"
        + "padding:0 1rem;color-scheme:light dark;background:Canvas;color:CanvasText}"
        + "table{border-collapse:collapse;font-variant-numeric:tabular-nums}figure{margin:1.5rem 0;"
        + "overflow-x:auto}th,td{border:1px solid #8886;padding:.25rem .6rem;text-align:left}"
        + ".n{text-align:right}figcaption{font-weight:600}"
        + "svg{max-width:40rem;width:100%}svg text{font-size:11px;fill:currentColor}"
        + ".frame{fill:none;stroke:#8888}pre{overflow-x:auto}</style><h1>"
        + escape(title)
        + "</h1>\n"
        + body
        + "<details><summary>All figures (JSON)</summary><pre>"
        + escape(figures)
        + "</pre></details></html>\n";
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("'", "&#39;")
        .replace("\"", "&quot;");
  }
}
