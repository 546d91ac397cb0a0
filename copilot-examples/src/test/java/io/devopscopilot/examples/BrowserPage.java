package io.devopscopilot.examples;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The app with the sample shop in a real Chromium, which is the machine's own: nothing is
 * downloaded.
 */
final class BrowserPage implements AutoCloseable {
  /** For everything a page is waited for: a slow machine is no failure. */
  static final int TIMEOUT_MS = 180_000;

  final App app;
  final WebServer server;
  final Browser browser;
  private final Playwright playwright;

  /** What pages said on their console, and what they asked of other hosts. */
  final List<String> complaints = new ArrayList<>();

  BrowserPage(Path folder, Path chromium, Optional<String> token) throws Exception {
    AppOptions options = new AppOptions();
    options.dataDir = folder.resolve("data");
    app = new App(options, List.of(new ShopSample(Instant.now())), Optional.empty());
    server = new WebServer(app, "127.0.0.1", 0, token);
    app.start();
    long deadline = System.nanoTime() + 180_000_000_000L;
    int lines = new ShopSample(Instant.now()).records().size();
    while (!app.indexed()
        || app.copilot().stats().counters().getOrDefault("store.rows.written", 0L) < lines) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("not ready within 180 s: " + app.indexState());
      }
      Thread.sleep(50);
    }
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(chromium)
                    .setTimeout(TIMEOUT_MS)
                    .setArgs(List.of("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")));
  }

  /** The Chromium of this machine, if there is one. */
  static Optional<Path> chromium() {
    String named = System.getProperty("copilot.chromium", "");
    if (!named.isEmpty()) {
      return Optional.of(Path.of(named));
    }
    return Stream.of(System.getenv("PATH").split(java.io.File.pathSeparator))
        .flatMap(
            dir ->
                Stream.of("chromium", "chromium-browser", "google-chrome")
                    .map(n -> Path.of(dir, n)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  String url(String path) {
    return "http://127.0.0.1:" + server.port() + path;
  }

  /** A page of its own, at this path; every complaint of it is kept. */
  Page open(String path, int width, ColorScheme scheme) {
    BrowserContext context =
        browser.newContext(
            new Browser.NewContextOptions()
                .setViewportSize(width, width < 500 ? 844 : 900)
                .setColorScheme(scheme));
    context.setDefaultTimeout(TIMEOUT_MS);
    Page page = context.newPage();
    page.onConsoleMessage(
        m -> {
          if (m.type().equals("error")) {
            complaints.add(m.text());
          }
        });
    page.onPageError(complaints::add);
    page.onRequest(
        r -> {
          if (!r.url().startsWith(url("/")) && !r.url().startsWith("about:")) {
            complaints.add("asked for " + r.url());
          }
        });
    page.navigate(url(path));
    return page;
  }

  Page open(String path) {
    return open(path, 1280, ColorScheme.LIGHT);
  }

  @Override
  public void close() {
    playwright.close();
    server.close();
    app.close();
  }
}
