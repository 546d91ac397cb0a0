package io.devopscopilot.examples;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PushbackInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** Reads files that may be gzipped, whatever their name. */
final class EvaluationFiles {
  private EvaluationFiles() {}

  static List<String> lines(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new Main.UsageException("there is no file " + file);
    }
    try (InputStream raw = Files.newInputStream(file);
        PushbackInputStream peek = new PushbackInputStream(raw, 2)) {
      byte[] magic = peek.readNBytes(2);
      peek.unread(magic);
      boolean zipped = magic.length == 2 && magic[0] == 0x1f && (magic[1] & 0xff) == 0x8b;
      InputStream in = zipped ? new GZIPInputStream(peek) : peek;
      return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).lines().toList();
    }
  }
}
