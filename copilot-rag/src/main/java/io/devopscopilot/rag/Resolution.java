package io.devopscopilot.rag;

import io.devopscopilot.api.KnowledgeBase;
import io.devopscopilot.api.KnowledgeBase.Passage;
import java.util.List;
import java.util.Optional;

/**
 * A past incident and what resolved it, kept as a document of a knowledge base. When the same
 * trouble comes back, answers cite it and suggest what helped first.
 *
 * @param id names the incident, not blank; putting it again replaces it
 * @param title what was seen, in one line
 * @param service where; may be empty
 * @param category its issue category; may be empty
 * @param text what resolved it, 1 to {@value #MAX_TEXT} characters
 */
public record Resolution(String id, String title, String service, String category, String text) {
  /** Longer texts are refused. */
  public static final int MAX_TEXT = 4_000;

  /** Ids of these documents begin so. */
  static final String PREFIX = "resolutions/";

  /** What a team wrote down itself weighs more than any document. */
  private static final double WEIGHT = 2;

  /** Checks and trims. */
  public Resolution {
    id = id.strip();
    title = title.strip().replaceAll("\\s+", " ");
    text = text.strip();
    if (id.isEmpty()) {
      throw new IllegalArgumentException("the id of a resolution is blank");
    }
    if (text.isEmpty() || text.length() > MAX_TEXT) {
      throw new IllegalArgumentException(
          "the text of a resolution has "
              + text.length()
              + " characters, must have 1 to "
              + MAX_TEXT);
    }
  }

  /** Puts it into a knowledge base and returns its document's id. */
  public String putInto(KnowledgeBase knowledge) {
    String document = PREFIX + id;
    String all = "Service: " + service + "\nCategory: " + category + "\nResolution: " + text;
    int lines = (int) all.lines().count();
    String heading = "Resolved: " + title;
    Passage passage =
        new Passage(
            PassageSplitter.id(document, heading, all), document, heading, all, 1, lines, WEIGHT);
    knowledge.put(document, List.of(passage));
    return document;
  }

  /** Reads one back, empty where a passage is none. */
  static Optional<Resolution> of(Passage passage) {
    if (!passage.document().startsWith(PREFIX)) {
      return Optional.empty();
    }
    int text = passage.text().indexOf("\nResolution: ");
    if (text < 0) {
      return Optional.empty();
    }
    return Optional.of(
        new Resolution(
            passage.document().substring(PREFIX.length()),
            passage.heading().replaceFirst("^Resolved: ", ""),
            line(passage.text(), "Service: "),
            line(passage.text(), "Category: "),
            passage.text().substring(text + "\nResolution: ".length())));
  }

  private static String line(String text, String name) {
    return text.lines()
        .filter(l -> l.startsWith(name))
        .findFirst()
        .map(l -> l.substring(name.length()))
        .orElse("");
  }

  /** Whether it may be about the same trouble: of the same kind, or at the same place. */
  boolean like(String otherCategory, String place) {
    return category.equals(otherCategory) || !service.isEmpty() && place.startsWith(service);
  }
}
