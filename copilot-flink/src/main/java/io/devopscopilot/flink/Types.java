package io.devopscopilot.flink;

import io.devopscopilot.api.Issue;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import io.devopscopilot.api.Severity;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.jspecify.annotations.Nullable;

/** How what flows and what is kept looks in bytes. */
final class Types {
  static final BinaryType<Line> LINE = new BinaryType<>(Line.class, new Lines());
  static final BinaryType<Judged> JUDGED = new BinaryType<>(Judged.class, new Verdicts());
  static final BinaryType<Control> CONTROL = new BinaryType<>(Control.class, new Controls());
  static final BinaryType<Issue> ISSUE = new BinaryType<>(Issue.class, new Issues());
  static final BinaryType<KeptDetector> DETECTOR =
      new BinaryType<>(KeptDetector.class, new Detectors());

  private static final Severity[] SEVERITIES = Severity.values();

  private Types() {}

  private static final LogRecord NOTHING = LogRecord.of(Instant.EPOCH, "", Origin.UNKNOWN);

  /** {@link Line}. */
  static final class Lines extends BinarySerializer<Line> {
    private static final long serialVersionUID = 1L;
    private transient @Nullable Senders senders;
    private transient @Nullable String topic;

    private Senders senders() {
      Senders s = senders;
      if (s == null) {
        s = new Senders();
        senders = s;
      }
      return s;
    }

    @Override
    public TypeSerializer<Line> duplicate() {
      return new Lines();
    }

    @Override
    public Line createInstance() {
      return Line.of("", 0, 0, 0, NOTHING);
    }

    @Override
    public void serialize(Line line, DataOutputView out) throws IOException {
      out.writeUTF(line.topic());
      out.writeInt(line.partition());
      out.writeLong(line.offset());
      out.writeInt(line.index());
      out.writeBoolean(line.good());
      if (line.good()) {
        line.sender().write(out);
        RecordCodec.write(line.record(), out);
      } else {
        writeText(line.refused(), out);
        writeBytes(line.raw(), out);
      }
    }

    @Override
    public Line deserialize(DataInputView in) throws IOException {
      String name = in.readUTF();
      String last = topic;
      if (last != null && name.equals(last)) {
        name = last; // one String for all
      } else {
        topic = name;
      }
      int partition = in.readInt();
      long offset = in.readLong();
      int index = in.readInt();
      if (in.readBoolean()) {
        Sender sender = senders().read(in);
        LogRecord record = RecordCodec.read(sender.origin(), in);
        return Line.of(name, partition, offset, index, record, sender);
      }
      String reason = readText(in);
      return Line.refused(name, partition, offset, readBytes(in), reason);
    }

    @Override
    public TypeSerializerSnapshot<Line> snapshotConfiguration() {
      return new Snapshot();
    }

    /** Its version. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<Line> {
      /** For Flink. */
      public Snapshot() {
        super(Lines::new);
      }
    }
  }

  /** {@link Judged}. */
  static final class Verdicts extends BinarySerializer<Judged> {
    private static final long serialVersionUID = 1L;
    private final Lines lines = new Lines();
    private final HashMap<String, String> known = new HashMap<>();

    @Override
    public TypeSerializer<Judged> duplicate() {
      return new Verdicts();
    }

    @Override
    public Judged createInstance() {
      return new Judged(lines.createInstance(), Severity.INFO, 0, "", 0, 0, "");
    }

    @Override
    public void serialize(Judged j, DataOutputView out) throws IOException {
      lines.serialize(j.line(), out);
      out.writeByte(j.severity().ordinal());
      out.writeFloat(j.severityProbability());
      out.writeUTF(j.category());
      out.writeFloat(j.categoryProbability());
      out.writeLong(j.fingerprint());
      out.writeUTF(j.model());
    }

    @Override
    public Judged deserialize(DataInputView in) throws IOException {
      return new Judged(
          lines.deserialize(in),
          SEVERITIES[in.readByte()],
          in.readFloat(),
          shared(in.readUTF()),
          in.readFloat(),
          in.readLong(),
          shared(in.readUTF()));
    }

    /** One String for each of the few names of categories and models. */
    private String shared(String text) {
      String one = known.putIfAbsent(text, text);
      if (known.size() > 1_000) {
        known.clear();
      }
      return one == null ? text : one;
    }

    @Override
    public TypeSerializerSnapshot<Judged> snapshotConfiguration() {
      return new Snapshot();
    }

    /** Its version. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<Judged> {
      /** For Flink. */
      public Snapshot() {
        super(Verdicts::new);
      }
    }
  }

  /** {@link Control}. */
  static final class Controls extends BinarySerializer<Control> {
    private static final long serialVersionUID = 1L;
    private static final Control.Kind[] KINDS = Control.Kind.values();

    @Override
    public TypeSerializer<Control> duplicate() {
      return this;
    }

    @Override
    public Control createInstance() {
      return new Control(Control.Kind.UNMUTE, 0, new byte[0], "");
    }

    @Override
    public void serialize(Control c, DataOutputView out) throws IOException {
      out.writeByte(c.kind().ordinal());
      out.writeLong(c.fingerprint());
      writeBytes(c.bytes(), out);
      writeText(c.note(), out);
    }

    @Override
    public Control deserialize(DataInputView in) throws IOException {
      return new Control(KINDS[in.readByte()], in.readLong(), readBytes(in), readText(in));
    }

    @Override
    public TypeSerializerSnapshot<Control> snapshotConfiguration() {
      return new Snapshot();
    }

    /** Its version. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<Control> {
      /** For Flink. */
      public Snapshot() {
        super(Controls::new);
      }
    }
  }

  /** {@link Issue}. */
  static final class Issues extends BinarySerializer<Issue> {
    private static final long serialVersionUID = 1L;
    private static final Issue.State[] STATES = Issue.State.values();

    @Override
    public TypeSerializer<Issue> duplicate() {
      return this;
    }

    @Override
    public Issue createInstance() {
      return new Issue(
          "",
          Issue.State.OPEN,
          "",
          0,
          Duration.ZERO,
          "",
          "",
          "",
          Instant.EPOCH,
          Instant.EPOCH,
          Optional.empty(),
          List.of(),
          Set.of());
    }

    private static void time(Instant time, DataOutputView out) throws IOException {
      out.writeLong(time.getEpochSecond());
      out.writeInt(time.getNano());
    }

    private static Instant time(DataInputView in) throws IOException {
      return Instant.ofEpochSecond(in.readLong(), in.readInt());
    }

    @Override
    public void serialize(Issue i, DataOutputView out) throws IOException {
      writeText(i.id(), out);
      out.writeByte(i.state().ordinal());
      writeText(i.category(), out);
      out.writeDouble(i.probability());
      out.writeLong(i.horizon().getSeconds());
      out.writeInt(i.horizon().getNano());
      writeText(i.namespace(), out);
      writeText(i.service(), out);
      writeText(i.title(), out);
      time(i.opened(), out);
      time(i.updated(), out);
      out.writeBoolean(i.resolved().isPresent());
      time(i.resolved().orElse(Instant.EPOCH), out);
      out.writeInt(i.evidence().size());
      for (LogRecord r : i.evidence()) {
        new Sender(r.origin()).write(out);
        RecordCodec.write(r, out);
      }
      out.writeInt(i.fingerprints().size());
      for (long form : i.fingerprints()) {
        out.writeLong(form);
      }
    }

    @Override
    public Issue deserialize(DataInputView in) throws IOException {
      String id = readText(in);
      Issue.State state = STATES[in.readByte()];
      String category = readText(in);
      double probability = in.readDouble();
      Duration horizon = Duration.ofSeconds(in.readLong(), in.readInt());
      String namespace = readText(in);
      String service = readText(in);
      String title = readText(in);
      Instant opened = time(in);
      Instant updated = time(in);
      boolean ended = in.readBoolean();
      Instant end = time(in);
      Senders senders = new Senders();
      List<LogRecord> evidence = new ArrayList<>();
      for (int n = in.readInt(); n > 0; n--) {
        evidence.add(RecordCodec.read(senders.read(in).origin(), in));
      }
      Set<Long> forms = new HashSet<>();
      for (int n = in.readInt(); n > 0; n--) {
        forms.add(in.readLong());
      }
      return new Issue(
          id,
          state,
          category,
          probability,
          horizon,
          namespace,
          service,
          title,
          opened,
          updated,
          ended ? Optional.of(end) : Optional.empty(),
          evidence,
          forms);
    }

    @Override
    public TypeSerializerSnapshot<Issue> snapshotConfiguration() {
      return new Snapshot();
    }

    /** Its version. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<Issue> {
      /** For Flink. */
      public Snapshot() {
        super(Issues::new);
      }
    }
  }

  /** {@link KeptDetector}: an object on the heap, bytes in checkpoints only. */
  static final class Detectors extends BinarySerializer<KeptDetector> {
    private static final long serialVersionUID = 1L;

    @Override
    public boolean isImmutableType() {
      return false;
    }

    @Override
    public TypeSerializer<KeptDetector> duplicate() {
      return this;
    }

    @Override
    public KeptDetector createInstance() {
      return new KeptDetector();
    }

    @Override
    public KeptDetector copy(KeptDetector from) {
      return from.copy();
    }

    @Override
    public void serialize(KeptDetector detector, DataOutputView out) throws IOException {
      writeBytes(detector.bytes(), out);
    }

    @Override
    public KeptDetector deserialize(DataInputView in) throws IOException {
      return new KeptDetector(readBytes(in));
    }

    @Override
    public TypeSerializerSnapshot<KeptDetector> snapshotConfiguration() {
      return new Snapshot();
    }

    /** Its version. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<KeptDetector> {
      /** For Flink. */
      public Snapshot() {
        super(Detectors::new);
      }
    }
  }
}
