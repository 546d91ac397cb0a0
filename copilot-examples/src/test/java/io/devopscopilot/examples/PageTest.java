package io.devopscopilot.examples;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.Rule;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.BoundingBox;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.FilePayload;
import io.devopscopilot.api.LogQuery;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.LogSource;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every flow of the page in a real Chromium; pictures of each view are left in target/screenshots.
 */
class PageTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final Path PICTURES = Path.of("target", "screenshots");
  private static final List<String> VIEWS =
      List.of("overview", "logs", "ask", "issues", "upload", "knowledge", "models");

  @TempDir static Path folder;
  private static BrowserPage shop;

  @BeforeAll
  static void start() throws Exception {
    Optional<Path> chromium = BrowserPage.chromium();
    assumeTrue(chromium.isPresent(), "SKIPPED: no Chromium on this machine");
    PlaywrightAssertions.setDefaultAssertionTimeout(BrowserPage.TIMEOUT_MS);
    Files.createDirectories(PICTURES);
    Path reports = Files.createDirectories(folder.resolve("data/reports"));
    Files.writeString(
        reports.resolve("severity.json"),
        "{\"model\":{\"id\":\"m\",\"sha256\":\"0\"},\"rows\":20,\"leaveOut\":\"system\",\"accuracy\":0.9,"
            + "\"macroF1\":0.8,\"ece\":0.05,\"calibration\":[[0.55,0.5],[0.95,0.9]],"
            + "\"confusion\":{\"INFO\":{\"INFO\":9,\"ERROR\":1},\"ERROR\":{\"INFO\":1,\"ERROR\":9}}}");
    shop = new BrowserPage(folder, chromium.get(), Optional.empty());
  }

  @AfterAll
  static void stop() {
    if (shop != null) {
      shop.close();
    }
  }

  @BeforeEach
  void forget() {
    shop.complaints.clear();
  }

  @AfterEach
  void nothingToComplainAbout() {
    try {
      assertThat(shop.complaints).isEmpty();
    } finally {
      List.copyOf(shop.browser.contexts()).forEach(c -> c.close());
    }
  }

  private static Locator button(Page page, String name) {
    return page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  /** Waits until this view is whole. */
  private static void drawn(Page page, String view) {
    page.waitForSelector("main[data-view='" + view + "']");
  }

  private static Locator heading(Page page) {
    return page.locator("h1");
  }

  private static void upload(String name, String lines) throws Exception {
    HttpResponse<String> done =
        HTTP.send(
            HttpRequest.newBuilder(URI.create(shop.url("/upload?name=" + name)))
                .header("Content-Type", "text/plain")
                .POST(HttpRequest.BodyPublishers.ofString(lines))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(done.statusCode()).isEqualTo(200);
  }

  /** An issue is there before its answer: a page opened in between shows none. */
  private static void untilAnswered() throws Exception {
    HttpRequest issues = HttpRequest.newBuilder(URI.create(shop.url("/issues"))).build();
    long end = System.nanoTime() + BrowserPage.TIMEOUT_MS * 1_000_000L;
    while (!HTTP.send(issues, HttpResponse.BodyHandlers.ofString())
        .body()
        .contains("\"suggestions\":[{")) {
      assertThat(System.nanoTime()).as("an issue has its answer in time").isLessThan(end);
      Thread.sleep(100);
    }
  }

  @Test
  void overviewLeadsToTheIssueWithItsEvidence() throws Exception {
    untilAnswered();
    Page page = shop.open("/");
    Locator issue =
        page.locator(".issue", new Page.LocatorOptions().setHasText("checkout")).locator("a");
    assertThat(page.locator("svg.chart rect").first()).isVisible();
    assertThat(page.getByText("Most frequent warnings and errors")).isVisible();
    issue.click();
    assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName("Evidence")))
        .isVisible();
    assertThat(page.locator("table.lines td.message").first()).not().isEmpty();
    assertThat(page.getByText("predicted").first()).isVisible();
    assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName("What to do")))
        .isVisible();
    page.screenshot(
        new Page.ScreenshotOptions().setPath(PICTURES.resolve("issue.png")).setFullPage(true));
    page.getByLabel("In your words").fill("Rolled checkout back.");
    button(page, "Keep").click();
    assertThat(page.getByText("Kept. It comes back")).isVisible();
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Issues").setExact(true))
        .click();
    assertThat(heading(page)).hasText("Issues");
    assertThat(page.locator(".issue").first()).isVisible();
  }

  @Test
  void barsLeadToTheLinesOfTheirTime() {
    Page page = shop.open("/");
    page.locator("svg.chart rect.ERROR").first().click();
    assertThat(heading(page)).hasText("Logs");
    assertThat(page).hasURL(Pattern.compile(".*from=.*to=.*"));
    assertThat(page.locator("table.lines tbody tr").first()).isVisible();
    assertThat(page.locator(".chips")).containsText("from:");
  }

  @Test
  void aDragOverTheTimelineChoosesARange() {
    Page page = shop.open("/");
    drawn(page, "overview");
    Locator chart = page.locator("svg.chart");
    chart.scrollIntoViewIfNeeded();
    BoundingBox box = chart.boundingBox();
    page.mouse().move(box.x + box.width * 0.1, box.y + box.height / 2);
    page.mouse().down();
    page.mouse().move(box.x + box.width * 0.3, box.y + box.height / 2);
    assertThat(page.locator("svg.chart .range")).hasCount(1);
    page.mouse().move(box.x + box.width * 0.4, box.y + box.height / 2);
    page.mouse().up();
    drawn(page, "logs");
    Matcher range =
        Pattern.compile("from=([^&]*)&to=([^&]*)")
            .matcher(URLDecoder.decode(page.url(), StandardCharsets.UTF_8));
    assertThat(range.find()).isTrue();
    assertThat(Duration.between(Instant.parse(range.group(1)), Instant.parse(range.group(2))))
        .isGreaterThan(Duration.ofMinutes(2));
  }

  @Test
  void nothingReadYetSaysHowToBegin() throws Exception {
    AppOptions options = new AppOptions();
    options.dataDir = folder.resolve("empty");
    try (App app = new App(options, List.of(), Optional.empty());
        WebServer server = new WebServer(app, "127.0.0.1", 0, Optional.empty())) {
      Page page = shop.open("/#/upload");
      page.navigate("http://127.0.0.1:" + server.port() + "/");
      drawn(page, "overview");
      assertThat(page.getByText("Nothing was read yet")).isVisible();
      page.keyboard().press("2");
      drawn(page, "logs");
      assertThat(page.getByText("Nothing was read yet")).isVisible();
      assertThat(page.locator("table.lines")).isHidden();
      page.getByText("Upload a log file").click();
      drawn(page, "upload");
      page.context().close();
      shop.complaints.clear(); // this server is another origin than the one watched
    }
  }

  @Test
  void aCommandIsCopied() throws Exception {
    untilAnswered();
    Page page = shop.open("/#/upload");
    page.context().grantPermissions(List.of("clipboard-read", "clipboard-write"));
    page.navigate(shop.url("/#/ask?question=Why+does+the+checkout+pod+keep+restarting%3F"));
    Locator command = page.locator(".command").first();
    command.locator("button").click();
    assertThat(command.locator("button")).hasText("Copied");
    assertThat(page.evaluate("() => navigator.clipboard.readText()"))
        .isEqualTo(command.locator("code").innerText());
  }

  @Test
  void filtersStandInTheAddress() {
    Page page = shop.open("/#/logs");
    page.locator("input[name=text]").fill("refused");
    page.locator("select[name=severity]").selectOption("WARN");
    button(page, "Search").click();
    assertThat(page).hasURL(Pattern.compile(".*#/logs\\?text=refused&severity=WARN"));
    assertThat(page.locator("mark").first())
        .hasText(Pattern.compile("refused", Pattern.CASE_INSENSITIVE));
    page.reload();
    assertThat(page.locator("input[name=text]")).hasValue("refused");
    assertThat(page.locator("td .sev").first()).hasText("WARN");
    page.getByLabel("Remove filter text").click();
    assertThat(page).hasURL(Pattern.compile(".*#/logs\\?severity=WARN"));
    page.goBack();
    assertThat(page.locator("input[name=text]")).hasValue("refused");
    page.locator("input[name=text]").fill("no line has this");
    page.locator("input[name=text]").press("Enter");
    assertThat(page.getByText("No line matches")).isVisible();
  }

  @Test
  void olderLinesComeOnDemand() {
    Page page = shop.open("/#/logs");
    Locator rows = page.locator("table.lines tbody tr");
    assertThat(rows).hasCount(200);
    button(page, "Older lines").click();
    assertThat(rows).hasCount(400);
  }

  @Test
  void aLineSaysWhyAndTakesACorrection() {
    Page page = shop.open("/#/logs?severity=ERROR&service=checkout");
    page.locator("table.lines td.time a").first().click();
    assertThat(page.getByText("Why this verdict")).isVisible();
    assertThat(page.getByText("Decided by")).isVisible();
    assertThat(page.getByText("The model has changed since")).isHidden();
    assertThat(page.locator("tr.hit")).hasCount(1);
    assertThat(page.locator("table.lines tbody tr").nth(5)).isVisible();
    page.screenshot(
        new Page.ScreenshotOptions().setPath(PICTURES.resolve("line.png")).setFullPage(true));
    page.getByLabel("Right category").selectOption("network_dns");
    button(page, "Save correction").click();
    assertThat(page.getByText("corrections so far")).isVisible();
  }

  @Test
  void liveTailShowsNewLines() throws Exception {
    Page page = shop.open("/#/logs?service=tailed");
    assertThat(page.getByText("No line matches")).isVisible();
    button(page, "Live tail").click();
    assertThat(page.getByText("Waiting for new lines")).isVisible();
    // The server decides when it begins to watch: lines are sent until one is seen.
    Locator fresh = page.locator("tr.new td.message").first();
    long deadline = System.nanoTime() + BrowserPage.TIMEOUT_MS * 1_000_000L;
    for (int i = 0; !fresh.isVisible() && System.nanoTime() < deadline; i++) {
      upload("tailed", "ERROR fresh line " + i + "\n");
    }
    assertThat(fresh).containsText("fresh line");
    button(page, "Stop tail").click();
    assertThat(button(page, "Live tail")).isVisible();
  }

  @Test
  void filesAreUploadedByChoiceByDropAndByPaste() {
    Page page = shop.open("/#/upload");
    page.getByLabel("Drop log files here")
        .setInputFiles(
            new FilePayload(
                "chosen.log",
                "text/plain",
                "ERROR chosen one\nINFO two\n".getBytes(StandardCharsets.UTF_8)));
    assertThat(page.locator("section", new Page.LocatorOptions().setHasText("chosen.log")))
        .containsText("Lines2");
    page.evaluate(
        "() => { const t = new DataTransfer(); t.items.add(new File(['WARN dropped\\n'], 'dropped.log'));"
            + " document.querySelector('.drop').dispatchEvent(new DragEvent('drop', {dataTransfer: t, bubbles: true})); }");
    assertThat(page.getByText("WARN dropped")).isVisible();
    page.getByLabel("or paste lines").fill("FATAL pasted: out of memory");
    button(page, "Classify").click();
    assertThat(page.locator("td.message", new Page.LocatorOptions().setHasText("FATAL pasted")))
        .isVisible();
    page.screenshot(
        new Page.ScreenshotOptions().setPath(PICTURES.resolve("uploaded.png")).setFullPage(true));
  }

  @Test
  void answersStreamAndCitationsOpenTheirSource() {
    Page page = shop.open("/#/ask");
    page.getByLabel("Question").fill("Why does the checkout pod keep restarting?");
    button(page, "Ask").click();
    assertThat(page.locator(".answer a").first()).isVisible();
    page.locator(".answer a").first().click();
    assertThat(page.locator(".citation.on")).hasCount(1);
    page.screenshot(
        new Page.ScreenshotOptions().setPath(PICTURES.resolve("answer.png")).setFullPage(true));
    for (String kind : List.of("record", "passage")) {
      Locator citation =
          page.locator(
                  ".citation",
                  new Page.LocatorOptions().setHas(page.locator("a[href^='#/" + kind + "']")))
              .first();
      String cited = citation.locator("pre").innerText().strip();
      citation.locator("a").click();
      assertThat(heading(page)).not().hasText("Ask");
      page.waitForURL(Pattern.compile(".*#/" + kind + ".*"));
      Locator shown = page.locator("pre").first();
      assertThat(shown).isVisible();
      assertThat(shown.innerText().replaceAll("\\s+", " "))
          .contains(cited.lines().findFirst().orElse("").replaceAll("\\s+", " ").strip());
      page.goBack();
      assertThat(page.locator(".citation").first()).isVisible(); // the answer is still there
    }
    page.getByLabel("Question").fill("Who won the chess match in Riga?");
    button(page, "Ask").click();
    assertThat(page.getByText("Not enough evidence")).isVisible();
  }

  @Test
  void knowledgeIsSearchedAndReadAgain() {
    Page page = shop.open("/#/knowledge");
    assertThat(page.getByText("last read")).isVisible();
    page.getByLabel("Find passages").fill("image cannot be pulled");
    button(page, "Search").click();
    page.locator(".citation a").first().click();
    assertThat(page.getByText("Passages like this")).isVisible();
    page.goBack();
    button(page, "Read again").click();
    assertThat(page.getByText("Reading:")).isVisible();
  }

  @Test
  void modelsShowFiguresConfusionAndCalibration() {
    Page page = shop.open("/#/models");
    assertThat(page.getByText("each system by a model that had not seen it").first()).isVisible();
    Locator measured =
        page.locator("section", new Page.LocatorOptions().setHasText("Measured: severity"));
    assertThat(measured.locator("table.matrix")).isVisible();
    assertThat(measured.locator("svg.square circle")).hasCount(2);
    assertThat(page.getByText("Of another model than the one in use.")).isVisible();
    assertThat(page.getByText("From 5 on, a model can be trained")).isVisible();
    assertThat(button(page, "Train now")).isDisabled();
  }

  @Test
  void hostileTextStaysText() throws Exception {
    String corpus =
        """
        ERROR <script>window.hacked=1</script>
        ERROR <img src=x onerror=window.hacked=2>
        ERROR "><svg onload=window.hacked=3>
        ERROR <a href="javascript:window.hacked=4">click</a>
        ERROR ![pixel](http://evil.example/p.png) [x](javascript:window.hacked=5)
        ERROR {{constructor.constructor('window.hacked=6')()}} ${window.hacked=7}
        ERROR </pre></table><iframe srcdoc="<script>parent.hacked=8</script>"></iframe>
        ERROR \u001b[31mred\u001b[0m \u0007bell \u202eright to left \u200bzero
        """;
    upload("hostile%3Cscript%3E", corpus);
    Page page = shop.open("/#/logs?service=hostile_script_");
    assertThat(page.locator("table.lines tbody tr")).hasCount(8);
    assertThat(page.locator("table.lines tbody")).containsText("·x1b·[31mred");
    assertThat(page.locator("table.lines tbody")).containsText("<script>window.hacked=1</script>");
    for (int i = 0; i < 8; i++) {
      page.navigate(shop.url("/#/logs?service=hostile_script_"));
      // The page of a line has such a table too: wait until the view has changed.
      drawn(page, "logs");
      page.locator("table.lines td.time a").nth(i).click();
      drawn(page, "record");
      assertThat(page.getByText("Why this verdict")).isVisible();
    }
    page.navigate(
        shop.url("/#/ask?question=%3Cimg%20src%3Dx%20onerror%3Dwindow.hacked%3D9%3E%20hostile"));
    assertThat(page.locator("#main section").first()).isVisible();
    page.navigate(shop.url("/#/logs?text=%3Cscript%3E&severity=%3Cb%3E"));
    assertThat(page.locator(".error").first()).isVisible();
    assertThat(page.evaluate("() => String(window.hacked)")).isEqualTo("undefined");
    assertThat(page.locator("main script, main iframe, main img").count()).isZero();
    assertThat(shop.complaints).allMatch(c -> c.contains("400")); // the severity <b>
    shop.complaints.clear();
  }

  @Test
  void failuresAreTold() {
    Page page = shop.open("/#/upload");
    page.route("**/issues**", route -> route.abort());
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Issues")).click();
    assertThat(page.locator("[role=alert]")).containsText("did not work");
    page.unroute("**/issues**");
    button(page, "Try again").click();
    assertThat(page.locator(".chips").first()).isVisible();
    shop.complaints.clear();
  }

  @Test
  void aTokenOpensEverythingWithTheLiveTail() throws Exception {
    try (WebServer guarded = new WebServer(shop.app, "127.0.0.1", 0, Optional.of("s3cret"))) {
      Page page = shop.open("/#/upload");
      shop.complaints.clear();
      page.navigate("http://127.0.0.1:" + guarded.port() + "/#token=s3cret");
      assertThat(page.locator("svg.chart rect").first()).isVisible();
      assertThat(page.url()).doesNotContain("s3cret");
      page.navigate("http://127.0.0.1:" + guarded.port() + "/#/logs");
      button(page, "Live tail").click();
      assertThat(page.getByText("Waiting for new lines")).isVisible();
      button(page, "Stop tail").click();
      shop.complaints.clear();
    }
  }

  @Test
  void aTailBegunBeforeTheLinesAreThereKeepsItsNote() {
    Page page = shop.open("/#/upload");
    List<Route> held = new ArrayList<>();
    page.route("**/records?**", held::add);
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Logs")).click();
    button(page, "Live tail").click();
    assertThat(page.getByText("Waiting for new lines")).isVisible();
    page.waitForCondition(() -> !held.isEmpty());
    held.forEach(Route::resume);
    assertThat(page.locator("table.lines tbody tr").first()).isVisible();
    assertThat(page.getByText("Waiting for new lines")).isVisible();
    button(page, "Stop tail").click();
  }

  @Test
  void theFirstLoadIsSmallAndTheKeyboardReachesAll() {
    Page page = shop.open("/");
    assertThat(page.locator("svg.chart rect").first()).isVisible();
    Number bytes =
        (Number)
            page.evaluate(
                "() => performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource'))"
                    + ".reduce((n, e) => n + e.transferSize, 0)");
    assertThat(bytes.longValue()).isBetween(10_000L, 300_000L);
    page.locator("body").press("Home");
    page.keyboard().press("Tab");
    assertThat(page.locator(":focus")).hasText("Skip to content");
    page.keyboard().press("Enter");
    assertThat(page.locator("main")).isFocused();
    page.locator("#nav a").first().focus();
    page.keyboard().press("Tab");
    page.keyboard().press("Enter");
    assertThat(heading(page)).hasText("Logs");
    assertThat(heading(page)).isFocused();
  }

  @Test
  void keysWorkAsInATerminal() {
    Page page = shop.open("/");
    drawn(page, "overview");
    assertThat(page.locator("svg.chart rect").first()).isVisible();
    assertThat(page.locator("details a").first()).isHidden();
    String rows = "() => [...document.querySelectorAll('main :is(tr, li)')]";
    int seen =
        (Integer)
            page.evaluate(
                rows
                    + ".filter(n => n.querySelector('a') && n.querySelector('a').checkVisibility()).length");
    List<Object> reached = new ArrayList<>();
    for (int i = 0; i < seen; i++) {
      page.keyboard().press("j");
      assertThat(page.locator("main a:focus")).isVisible();
      reached.add(
          page.evaluate(rows + ".findIndex(n => n.querySelector('a') === document.activeElement)"));
    }
    assertThat(seen).isGreaterThan(5);
    assertThat(reached).doesNotHaveDuplicates();
    page.keyboard().press("k");
    assertThat(page.locator("main a:focus")).isVisible();
    page.keyboard().press("2");
    drawn(page, "logs");
    page.keyboard().press("/");
    assertThat(page.locator("input[name=text]")).isFocused();
    page.keyboard().type("j3?");
    assertThat(page.locator("input[name=text]")).hasValue("j3?");
    page.keyboard().press("Escape");
    page.keyboard().press("?");
    assertThat(page.getByRole(AriaRole.DIALOG)).isVisible();
    page.getByLabel("Single keys are on").uncheck();
    page.keyboard().press("Escape");
    assertThat(page.getByRole(AriaRole.DIALOG)).isHidden();
    page.keyboard().press("1");
    assertThat(heading(page)).hasText("Logs");
    button(page, "Keys").click();
    page.getByLabel("Single keys are on").check();
    button(page, "Close").click();
    page.keyboard().press("1");
    assertThat(heading(page)).hasText("Overview");
  }

  @Test
  void aViewThatWasLeftDrawsNothing() {
    Page page = shop.open("/#/upload");
    drawn(page, "upload");
    List<Route> held = new ArrayList<>();
    page.route("**/issues?**", held::add);
    page.keyboard().press("4");
    page.waitForCondition(() -> !held.isEmpty());
    page.keyboard().press("6");
    drawn(page, "knowledge");
    page.waitForResponse(r -> r.url().contains("/issues?"), () -> held.get(0).resume());
    page.unroute("**/issues?**"); // not before: that lets the held ones go
    page.evaluate("() => fetch('/issues?limit=1').then(r => r.text())");
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))");
    assertThat(heading(page)).hasText("Knowledge");
    assertThat(page.getByText("last read")).isVisible();
  }

  @Test
  void backLeadsToWhereOneWas() {
    Page page = shop.open("/");
    drawn(page, "overview");
    page.keyboard().press("2");
    drawn(page, "logs");
    Locator line = page.locator("table.lines td.time a").nth(120);
    String href = line.getAttribute("href");
    line.click();
    drawn(page, "record");
    page.goBack();
    drawn(page, "logs");
    assertThat(page.locator("main a:focus")).hasAttribute("href", href);
    assertThat(page.locator("main a:focus")).isInViewport();
    page.goBack();
    drawn(page, "overview");
    assertThat(heading(page)).hasText("Overview");
  }

  @Test
  void whatOneOpenedStaysOpenWhenNewLinesCome() throws Exception {
    Page page = shop.open("/");
    drawn(page, "overview");
    Locator fatal = page.locator("dt:has(a.FATAL) + dd");
    String before = fatal.innerText();
    page.getByText("As a table").click();
    assertThat(page.locator("details a").first()).isVisible();
    upload("fresh", "FATAL something new broke\n");
    assertThat(fatal).not().hasText(before);
    assertThat(page.locator("details a").first()).isVisible();
  }

  @Test
  void everyViewIsAccessibleInEverySizeAndColour() throws Exception {
    untilAnswered();
    List<String> found = new ArrayList<>();
    long id = shop.app.store().find(LogQuery.builder().limit(1).build()).get(0).id();
    String issue = shop.app.issues().all().get(0).issue().id();
    List<String> paths = new ArrayList<>(VIEWS);
    paths.add("record?id=" + id);
    paths.add("issue?id=" + issue);
    for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
      for (int width : new int[] {1280, 390}) {
        Page page = shop.open("/#/upload", width, scheme);
        for (String path : paths) {
          page.navigate(shop.url("/#/" + path));
          String view = path.replaceFirst("\\?.*", "");
          drawn(page, view);
          String name = view + "-" + width + "-" + scheme.name().toLowerCase(java.util.Locale.ROOT);
          page.screenshot(new Page.ScreenshotOptions().setPath(PICTURES.resolve(name + ".png")));
          assertThat(
                  (Boolean)
                      page.evaluate(
                          "() => document.documentElement.scrollWidth <= window.innerWidth"))
              .as("%s must not scroll sideways", name)
              .isTrue();
          if ((width < 500) != (scheme == ColorScheme.DARK)) {
            continue; // each size and each colour is looked at once
          }
          for (Rule rule : new AxeBuilder(page).analyze().getViolations()) {
            if (List.of("serious", "critical").contains(rule.getImpact())) {
              found.add(name + ": " + rule.getId() + " " + rule.getNodes().get(0).getHtml());
            }
          }
        }
        page.context().close();
      }
    }
    assertThat(found).isEmpty();
  }

  /** The sample up to the first sign that memory ends, and the rest once it is asked for. */
  private static final class Held implements LogSource {
    private final List<LogRecord> records = new ShopSample(Instant.now()).records();
    private int next;
    volatile boolean on;

    @Override
    public int poll(Consumer<? super LogRecord> sink, int limit) {
      int from = next;
      while (next < records.size()
          && next - from < limit
          && (on || !records.get(next).message().contains("GC pause"))) {
        sink.accept(records.get(next++));
      }
      return next == from && next == records.size() ? ENDED : next - from;
    }
  }

  @Test
  void theDemoPredictsBeforeItBreaks() throws Exception {
    AppOptions options = new AppOptions();
    options.dataDir = folder.resolve("demo");
    Held source = new Held();
    try (App app = new App(options, List.of(source), Optional.empty());
        WebServer server = new WebServer(app, "127.0.0.1", 0, Optional.empty())) {
      app.start();
      Page page = shop.open("/#/upload");
      page.navigate("http://127.0.0.1:" + server.port() + "/");
      assertThat(page.locator("#state")).hasText("ready");
      Locator soon = page.locator(".issue.soon").first();
      assertThat(soon).containsText("checkout");
      page.screenshot(new Page.ScreenshotOptions().setPath(PICTURES.resolve("demo-predicted.png")));
      source.on = true;
      Locator now =
          page.locator(".issue.now", new Page.LocatorOptions().setHasText("before it happened"));
      assertThat(now.first()).containsText("checkout");
      page.screenshot(new Page.ScreenshotOptions().setPath(PICTURES.resolve("demo-happened.png")));
      page.context().close();
      shop.complaints.clear(); // this server is another origin than the one watched
    }
  }
}
