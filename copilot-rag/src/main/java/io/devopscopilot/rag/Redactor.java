package io.devopscopilot.rag;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Replaces secrets by {@code <redacted:kind>}. RE2/J: time linear in the text, whatever it holds.
 * Fails closed: what can't be looked at is withheld as a whole.
 */
public final class Redactor {
  /** Longer texts are cut before they are looked at; the cut is marked. */
  static final int MAX_CHARS = 256 * 1024;

  private record Rule(String kind, String hint, Pattern pattern) {}

  private static final String NAMES =
      "passwords?|passwd|pwd|passphrase|passcode|secret|token|api[_-]?key|apikey|access[_-]?key"
          + "|account[_-]?key|private[_-]?key|signing[_-]?key|encryption[_-]?key|auth[_-]?key"
          + "|client[_-]?secret|credentials?|session[_-]?id|sessionid|jsessionid|phpsessid|otp|pin"
          + "|license[_-]?key";

  private static final List<Rule> RULES = rules();
  private static final Pattern OPAQUE = Pattern.compile("[A-Za-z0-9+/_=-]{40,}");
  private static final Pattern EMAIL =
      Pattern.compile("[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}\\.[A-Za-z]{2,24}");
  private static final Pattern IP =
      Pattern.compile(
          "\\b[0-9]{1,3}(?:\\.[0-9]{1,3}){3}\\b|\\b(?:[0-9a-fA-F]{1,4}:){4,7}[0-9a-fA-F]{1,4}\\b");

  private final boolean personal;

  /**
   * @param personal whether e-mail and IP addresses go too
   */
  Redactor(boolean personal) {
    this.personal = personal;
  }

  private static List<Rule> rules() {
    List<Rule> out = new ArrayList<>();
    String[][] table = {
      // kind, text that must be there (lower case; empty = always looked at), pattern; what the
      // first group matches stays, all else of the match goes
      {
        "private-key",
        "private key",
        "()-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?s:.*?)"
            + "(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\\z)"
      },
      {"putty-key", "putty-user-key-file", "()PuTTY-User-Key-File(?s:.*)"},
      {"age-key", "age-secret-key", "()AGE-SECRET-KEY-1[0-9A-Za-z]+"},
      {"jwt", "eyj", "()eyJ[A-Za-z0-9_-]{6,}\\.[A-Za-z0-9_-]{4,}(?:\\.[A-Za-z0-9_-]*){0,3}"},
      {
        "url-password",
        "://",
        "([a-zA-Z][a-zA-Z0-9+.-]{0,30}://[^\\s:/@\"'<>]{0,128}:)[^\\s\"'<>]+@"
      },
      {
        "authorization",
        "authorization",
        "((?i:authorization)[\"']?\\s{0,4}[:=]\\s{0,4})[^\\r\\n,}]+"
      },
      {"bearer", "bearer", "((?i:bearer)[ :=]{1,3})[A-Za-z0-9._~+/=-]{6,}"},
      {"basic-auth", "basic", "((?i:\\bbasic)\\s{1,3})[A-Za-z0-9+/=]{8,}"},
      {"cookie", "cookie", "((?i:cookie)2?[\"']?\\s{0,4}[:=]\\s{0,4})[^\\r\\n]+"},
      {
        "named-secret",
        "",
        "((?i:[\\w.-]{0,64}(?:"
            + NAMES
            + ")(?:[_.-][\\w.-]{0,64})?)[\"'\\\\]{0,3}\\s{0,4}(?:[:=]|=>|:=)\\s{0,4})"
            + "(?:\\\\?\"[^\"\\n]*\"?|'[^'\\n]*'?|[^\\s,;&\"')}\\]]+)"
      },
      {
        "option-secret",
        "-",
        "((?i:--?(?:password|passwd|token|secret|api-?key|access-key|secret-key|auth)[ =]))"
            + "[^\\s\"']{2,}"
      },
      {
        "said-password",
        "pass",
        "((?i:pass(?:word|code|phrase)?\\s{1,3}(?:is|was|for\\s+\\S{1,64}\\s+is)\\s{1,3}))\\S{3,}"
      },
      {"sshpass", "sshpass", "(sshpass\\s{1,4}-p\\s{0,4})\\S+"},
      {"curl-user", "-u ", "(\\s-u\\s{1,4}[^\\s:]{1,128}:)\\S+"},
      {"docker-auth", "auth", "([\"']auth[\"']\\s{0,4}:\\s{0,4})[\"'][A-Za-z0-9+/=]{6,}[\"']"},
      {"aws-key-id", "", "()\\b(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA|AGPA|ANPA)[A-Z0-9]{16}\\b"},
      {"google-api-key", "aiza", "()AIza[0-9A-Za-z_-]{30,}"},
      {"google-oauth", "ya29.", "()ya29\\.[0-9A-Za-z_-]{16,}"},
      {"google-client-secret", "gocspx-", "()GOCSPX-[0-9A-Za-z_-]{16,}"},
      {"azure-sas", "sig=", "([?&;]sig=)[A-Za-z0-9%+/=_-]{16,}"},
      {"azure-key", "key=", "((?i:AccountKey|SharedAccessKey|AccessKey)=)[A-Za-z0-9+/=]{16,}"},
      {"github-token", "gh", "()\\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\\w{20,})"},
      {"gitlab-token", "gl", "()\\bgl(?:pat|dt|rt|cbt|ptt|ft|soat|agent)-[0-9A-Za-z_.-]{16,}"},
      {"slack-token", "xox", "()\\bxox[abeoprs]-[0-9A-Za-z-]{8,}"},
      {"slack-app-token", "xapp-", "()\\bxapp-[0-9A-Za-z-]{8,}"},
      {"slack-webhook", "hooks.slack.com", "(hooks\\.slack\\.com/)(?:services|workflows)/\\S{8,}"},
      {"discord-webhook", "/api/webhooks/", "(/api/webhooks/)[0-9]+/[0-9A-Za-z_-]{20,}"},
      {"stripe-key", "k_", "()\\b[sr]k_(?:live|test)_[0-9A-Za-z]{10,}"},
      {"webhook-secret", "whsec_", "()\\bwhsec_[0-9A-Za-z+/=]{16,}"},
      {"model-api-key", "sk-", "()\\bsk-[0-9A-Za-z_-]{18,}"},
      {"npm-token", "npm_", "()\\bnpm_[0-9A-Za-z]{20,}"},
      {"pypi-token", "pypi-", "()\\bpypi-[0-9A-Za-z_-]{16,}"},
      {"rubygems-key", "rubygems_", "()\\brubygems_[0-9a-f]{32,}"},
      {"sendgrid-key", "sg.", "()\\bSG\\.[0-9A-Za-z_-]{12,}\\.[0-9A-Za-z_-]{12,}"},
      {"mailgun-key", "key-", "()\\bkey-[0-9a-f]{32}\\b"},
      {"mailchimp-key", "-us", "()\\b[0-9a-f]{32}-us[0-9]{1,2}\\b"},
      {"twilio-key", "", "()\\b(?:AC|SK)[0-9a-f]{32}\\b"},
      {"huggingface-token", "hf_", "()\\bhf_[0-9A-Za-z]{20,}"},
      {"docker-token", "dckr_", "()\\bdckr_[a-z]{2,4}_[0-9A-Za-z_-]{16,}"},
      {"vault-token", "", "()\\b(?:hv[sbr]\\.[0-9A-Za-z_-]{16,}|s\\.[0-9A-Za-z]{24}\\b)"},
      {"terraform-token", ".atlasv1.", "()\\b[0-9A-Za-z]{10,}\\.atlasv1\\.[0-9A-Za-z_=-]{20,}"},
      {"doppler-token", "dp.", "()\\bdp\\.[a-z]{2,8}\\.[0-9A-Za-z._-]{20,}"},
      {"databricks-token", "dapi", "()\\bdapi[0-9a-f]{32}(?:-[0-9])?"},
      {"digitalocean-token", "_v1_", "()\\bdo[opr]_v1_[0-9a-f]{32,}"},
      {"grafana-token", "gl", "()\\bgl(?:c|sa)_[0-9A-Za-z_+/=-]{20,}"},
      {"newrelic-key", "nra", "()\\bNRA[KLA]-[0-9A-Za-z]{20,}"},
      {"shopify-token", "shp", "()\\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{20,}"},
      {"square-token", "sq0", "()\\bsq0[a-z]{3}-[0-9A-Za-z_-]{16,}"},
      {"telegram-token", ":", "()\\b[0-9]{8,10}:AA[0-9A-Za-z_-]{30,}"},
      {"atlassian-token", "atatt", "()\\bATATT3[0-9A-Za-z_=-]{20,}"},
      {"linear-key", "lin_", "()\\blin_(?:api|oauth)_[0-9A-Za-z]{20,}"},
      {"planetscale", "pscale_", "()\\bpscale_(?:tkn|pw|oauth)_[0-9A-Za-z_.=-]{16,}"},
      {"sentry-token", "sntry", "()\\bsntry[su]_[0-9A-Za-z_+/=-]{20,}"},
      {"pulumi-token", "pul-", "()\\bpul-[0-9a-f]{40}\\b"},
      {"facebook-token", "eaa", "()\\bEAA[0-9A-Za-z]{30,}"},
      {"bcrypt-hash", "$2", "()\\$2[aby]\\$[0-9]{2}\\$[./A-Za-z0-9]{40,}"},
      {"crypt-hash", "$", "()\\$(?:1|5|6|y|argon2id?)\\$[^\\s:]{16,}"},
    };
    for (String[] row : table) {
      out.add(new Rule(row[0], row[1], Pattern.compile(row[2])));
    }
    return out;
  }

  /**
   * The text with its secrets replaced; for any place where text leaves the machine. Any thread may
   * call it.
   */
  public static String clean(String text) {
    return new Redactor(false).redact(text, new java.util.HashMap<>());
  }

  /** The kinds of secrets known. */
  static List<String> kinds() {
    return RULES.stream().map(Rule::kind).toList();
  }

  /**
   * The text without secrets.
   *
   * @param counts how many of each kind were replaced, added to
   */
  String redact(String text, Map<String, Integer> counts) {
    String out = text;
    if (out.length() > MAX_CHARS) {
      out = out.substring(0, MAX_CHARS) + "<cut:" + (text.length() - MAX_CHARS) + " characters>";
    }
    try {
      for (Rule rule : RULES) {
        if (rule.hint().isEmpty() || containsIgnoreCase(out, rule.hint())) {
          out = replace(rule.pattern(), out, rule.kind(), counts);
        }
      }
      out = opaque(out, counts);
      if (personal) {
        out = replace(EMAIL, out, "e-mail", counts);
        out = replace(IP, out, "ip", counts);
      }
      return out;
    } catch (RuntimeException | StackOverflowError e) {
      counts.merge("withheld", 1, Integer::sum);
      return "<withheld: this text could not be searched for secrets>";
    }
  }

  private static String replace(
      Pattern pattern, String text, String kind, Map<String, Integer> counts) {
    Matcher m = pattern.matcher(text);
    StringBuilder out = new StringBuilder();
    int from = 0;
    while (m.find()) {
      String kept = m.groupCount() > 0 && m.group(1) != null ? m.group(1) : "";
      if (m.group().substring(kept.length()).startsWith("<redacted:")) {
        continue;
      }
      out.append(text, from, m.start()).append(kept).append("<redacted:").append(kind).append('>');
      from = m.end();
      counts.merge(kind, 1, Integer::sum);
    }
    return from == 0 ? text : out.append(text, from, text.length()).toString();
  }

  /** Long runs of mixed letters and digits that no rule names. */
  private static String opaque(String text, Map<String, Integer> counts) {
    Matcher m = OPAQUE.matcher(text);
    StringBuilder out = new StringBuilder();
    int from = 0;
    while (m.find()) {
      if (mixed(m.group())) {
        out.append(text, from, m.start()).append("<redacted:opaque>");
        from = m.end();
        counts.merge("opaque", 1, Integer::sum);
      }
    }
    return from == 0 ? text : out.append(text, from, text.length()).toString();
  }

  private static boolean mixed(String run) {
    int upper = 0;
    int lower = 0;
    int digits = 0;
    int slashes = 0;
    for (int i = 0; i < run.length(); i++) {
      char c = run.charAt(i);
      upper += c >= 'A' && c <= 'Z' ? 1 : 0;
      lower += c >= 'a' && c <= 'z' ? 1 : 0;
      digits += c >= '0' && c <= '9' ? 1 : 0;
      slashes += c == '/' || c == '-' ? 1 : 0;
    }
    return upper >= 4 && lower >= 4 && digits >= 3 && slashes * 10 < run.length();
  }

  private static boolean containsIgnoreCase(String text, String lower) {
    int last = text.length() - lower.length();
    for (int i = 0; i <= last; i++) {
      if (text.regionMatches(true, i, lower, 0, lower.length())) {
        return true;
      }
    }
    return false;
  }
}
