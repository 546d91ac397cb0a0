package io.devopscopilot.rag;

/** Takes out of a text what people don't see and what a page or terminal would act on. */
final class CleanText {
  private static final java.util.regex.Pattern ANSI =
      java.util.regex.Pattern.compile(
          "\\u001B(?:\\[[0-?]{0,64}[ -/]{0,16}[@-~]|\\][^\\u0007\\u001B]{0,2048}(?:\\u0007|\\u001B\\\\)?|[@-Z\\\\^_])");

  private CleanText() {}

  /** Without control, invisible, direction and tag characters; line feeds and tabs stay. */
  static String visible(String text) {
    String plain = text.indexOf('\u001B') >= 0 ? ANSI.matcher(text).replaceAll("") : text;
    StringBuilder out = new StringBuilder(plain.length());
    for (int i = 0; i < plain.length(); ) {
      int c = plain.codePointAt(i);
      i += Character.charCount(c);
      if (c == '\r') {
        if (i >= plain.length() || plain.charAt(i) != '\n') {
          out.append('\n');
        }
      } else if (keep(c)) {
        out.appendCodePoint(c);
      }
    }
    return out.toString();
  }

  private static boolean keep(int c) {
    if (c == '\n' || c == '\t') {
      return true;
    }
    int type = Character.getType(c);
    boolean hidden =
        type == Character.CONTROL
            || type == Character.FORMAT
            || type == Character.PRIVATE_USE
            || type == Character.SURROGATE
            || type == Character.UNASSIGNED
            || type == Character.LINE_SEPARATOR
            || type == Character.PARAGRAPH_SEPARATOR;
    boolean selector = c >= 0xFE00 && c <= 0xFE0F || c >= 0xE0000 && c <= 0xE0FFF;
    boolean filler = c == 0x115F || c == 0x1160 || c == 0x3164 || c == 0xFFA0 || c == 0x034F;
    return !hidden && !selector && !filler;
  }

  /** As {@link #visible}, and without HTML, links, images and addresses that a page would load. */
  static String inert(String text) {
    return visible(text)
        .replaceAll("!\\[([^\\]\\n]{0,400})\\]\\([^)\\n]{0,2000}\\)", "$1")
        .replaceAll("\\[([^\\]\\n]{0,400})\\]\\([^)\\n]{0,2000}\\)", "$1")
        .replaceAll("(?i)\\b(?:javascript|data|vbscript|file):[^\\s]{0,2000}", "")
        .replaceAll("<[/!?a-zA-Z][^<>]{0,2000}>", "")
        .replace("<", "\u2039")
        .replace("![", "[");
  }
}
