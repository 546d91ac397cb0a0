package io.devopscopilot.classifier;

import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.FeatureSchema;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A trained model as one file: 8 bytes of magic, SHA-256 of all that follows, length of the
 * manifest, the manifest ({@code key=value} lines in UTF-8), the trees of each head (severity and
 * category of the line classifier; the issue model has one). Only numbers and text: reading one
 * never runs code of the file.
 */
record ModelFile(Map<String, String> manifest, List<CompiledTrees> heads) {
  private static final byte[] MAGIC = "COPILOT1".getBytes(StandardCharsets.US_ASCII);
  private static final int HEAD = 8 + 32;
  private static final int MAX_HEADS = 2;
  private static final long MAX_BYTES = 256L << 20;

  ModelFile {
    manifest = Map.copyOf(manifest);
    heads = List.copyOf(heads);
  }

  byte[] toBytes() {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(body)) {
      byte[] bytes = manifestText().getBytes(StandardCharsets.UTF_8);
      out.writeInt(bytes.length);
      out.write(bytes);
      for (CompiledTrees head : heads) {
        head.write(out);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    byte[] payload = body.toByteArray();
    return ByteBuffer.allocate(HEAD + payload.length)
        .put(MAGIC)
        .put(sha256(payload, 0))
        .put(payload)
        .array();
  }

  private String manifestText() {
    StringBuilder text = new StringBuilder();
    new TreeMap<>(manifest)
        .forEach((k, v) -> text.append(k).append('=').append(v.replace('\n', ' ')).append('\n'));
    return text.toString();
  }

  /** Writes the manifest as text, with the digest of the whole model file. */
  void writeManifest(Path target) {
    String digest = HexFormat.of().formatHex(sha256(toBytes(), 0));
    try {
      Files.writeString(target, manifestText() + "sha256=" + digest + "\n");
    } catch (IOException e) {
      throw new CopilotException("the manifest can't be written to " + target + ": " + e, e);
    }
  }

  /** Writes beside the place and moves: whoever reads sees the old file or the new one. */
  void write(Path file) {
    Path absolute = file.toAbsolutePath();
    Path folder = Optional.ofNullable(absolute.getParent()).orElse(absolute);
    try {
      Path part = folder.resolve(absolute.getFileName() + ".part");
      try {
        Files.write(part, toBytes());
        Files.move(
            part, absolute, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      throw new CopilotException("the model can't be written to " + file + ": " + e, e);
    }
  }

  static ModelFile read(Path file) {
    try {
      long size = Files.size(file);
      if (size > MAX_BYTES) {
        throw refused(file.toString(), "it has " + size + " bytes, at most " + MAX_BYTES);
      }
      return read(Files.readAllBytes(file), file.toString());
    } catch (NoSuchFileException e) {
      throw new CopilotException("there is no model " + file, e);
    } catch (IOException e) {
      throw new CopilotException("the model " + file + " can't be read: " + e, e);
    }
  }

  static ModelFile read(byte[] bytes, String name) {
    if (bytes.length >= 2 && bytes[0] == (byte) 0xac && bytes[1] == (byte) 0xed) {
      throw refused(name, "it is a serialized Java object, and those are never read");
    }
    if (bytes.length < HEAD + 4 || !Arrays.equals(bytes, 0, 8, MAGIC, 0, 8)) {
      throw refused(name, "it does not begin like a model file of this version");
    }
    byte[] digest = sha256(bytes, HEAD);
    if (!Arrays.equals(digest, 0, 32, bytes, 8, HEAD)) {
      throw refused(name, "its SHA-256 does not match: it is truncated or was changed");
    }
    try {
      DataInputStream in =
          new DataInputStream(new ByteArrayInputStream(bytes, HEAD, bytes.length - HEAD));
      int length = in.readInt();
      if (length < 0 || length > bytes.length - HEAD - 4) {
        throw refused(name, "the manifest is " + length + " bytes long");
      }
      Map<String, String> manifest = new TreeMap<>();
      String text = new String(in.readNBytes(length), StandardCharsets.UTF_8);
      text.lines()
          .filter(l -> l.indexOf('=') > 0)
          .forEach(l -> manifest.put(l.substring(0, l.indexOf('=')), after(l)));
      List<CompiledTrees> heads = new ArrayList<>();
      while (in.available() > 0) {
        if (heads.size() == MAX_HEADS) {
          throw refused(name, "there is something behind its end");
        }
        heads.add(CompiledTrees.read(in));
      }
      manifest.put("sha256", HexFormat.of().formatHex(sha256(bytes, 0)));
      return new ModelFile(manifest, heads);
    } catch (IOException | IllegalArgumentException e) {
      throw refused(name, String.valueOf(e.getMessage()));
    }
  }

  private static String after(String line) {
    return line.substring(line.indexOf('=') + 1);
  }

  static CopilotException refused(String name, String why) {
    return new CopilotException("the model " + name + " is refused: " + why);
  }

  private static byte[] sha256(byte[] bytes, int from) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes, from, bytes.length - from);
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  String text(String key, String otherwise) {
    return manifest.getOrDefault(key, otherwise);
  }

  float number(String key, float otherwise) {
    String text = manifest.get(key);
    return text == null ? otherwise : Float.parseFloat(text);
  }

  List<String> list(String key) {
    String text = text(key, "");
    return text.isEmpty() ? List.of() : List.of(text.split(","));
  }

  FeatureSchema schema() {
    return new FeatureSchema(
        text("schema.id", "?"), Integer.parseInt(text("schema.size", "1")), list("schema.names"));
  }
}
