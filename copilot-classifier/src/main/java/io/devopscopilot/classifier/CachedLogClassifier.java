package io.devopscopilot.classifier;

import io.devopscopilot.api.FeatureSchema;
import io.devopscopilot.api.FeatureVector;
import io.devopscopilot.api.LogClassifier;
import io.devopscopilot.api.Verdict;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * Remembers verdicts of another classifier by the exact vector, each position and value of it and
 * the declared severity, so that a hit is always the verdict the classifier would give. Lines that
 * differ in masked parts only have equal vectors.
 *
 * <p>Thread-safe: each thread has a table of its own with {@value #ENTRIES} places, about 6 MB when
 * full; a new vector takes the place of an older one. Vectors of more than {@value #MOST} positions
 * are not remembered. Allocates only while places are filled. A swapped model empties the tables.
 */
public final class CachedLogClassifier implements LogClassifier {
  /** Places in the table of one thread. */
  public static final int ENTRIES = 8192;

  /** Vectors with more positions are passed through. */
  public static final int MOST = 256;

  private static final long MIX = 0x9E3779B97F4A7C15L;

  private final LogClassifier classifier;
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final ThreadLocal<Table> tables = ThreadLocal.withInitial(Table::new);

  /** Caches a classifier's verdicts. */
  public CachedLogClassifier(LogClassifier classifier) {
    this.classifier = classifier;
  }

  private static final class Table {
    private final Entry[] entries = new Entry[ENTRIES];
    private Model model = new Model("", "", java.util.Map.of());
  }

  private static final class Entry {
    private int[] index = new int[0];
    private float[] value = new float[0];
    private int size = -1;
    private int declared;
    private int severity;
    private int category;
    private float[] severities = new float[0];
    private float[] categories = new float[0];

    boolean holds(FeatureVector in) {
      if (size != in.size() || declared != in.declaredOrdinal()) {
        return false;
      }
      for (int i = 0; i < size; i++) {
        if (index[i] != in.index(i) || value[i] != in.value(i)) {
          return false;
        }
      }
      return true;
    }

    void take(FeatureVector in, Verdict out) {
      size = in.size();
      if (index.length < size) {
        index = new int[size];
        value = new float[size];
      }
      for (int i = 0; i < size; i++) {
        index[i] = in.index(i);
        value[i] = in.value(i);
      }
      declared = in.declaredOrdinal();
      severity = out.severity().ordinal();
      category = out.categoryIndex();
      float[] s = out.severityProbabilities();
      float[] c = out.categoryProbabilities();
      if (severities.length != s.length || categories.length != c.length) {
        severities = new float[s.length];
        categories = new float[c.length];
      }
      System.arraycopy(s, 0, severities, 0, s.length);
      System.arraycopy(c, 0, categories, 0, c.length);
    }

    void give(Verdict out) {
      System.arraycopy(severities, 0, out.severityProbabilities(), 0, severities.length);
      System.arraycopy(categories, 0, out.categoryProbabilities(), 0, categories.length);
      out.decide(severity, category);
    }
  }

  @Override
  public void classify(FeatureVector in, Verdict out) {
    if (in.size() > MOST) {
      misses.increment();
      classifier.classify(in, out);
      return;
    }
    Table table = tables.get();
    Model model = classifier.model();
    if (table.model != model) {
      Arrays.fill(table.entries, null);
      table.model = model;
    }
    int place = place(in);
    Entry entry = table.entries[place];
    if (entry != null && entry.holds(in)) {
      hits.increment();
      entry.give(out);
      return;
    }
    misses.increment();
    classifier.classify(in, out);
    if (classifier.model() == model) {
      if (entry == null) {
        entry = new Entry();
        table.entries[place] = entry;
      }
      entry.take(in, out);
    }
  }

  private static int place(FeatureVector in) {
    long sum = in.declaredOrdinal(); // Terms that need not wait for each other.
    for (int i = 0, size = in.size(); i < size; i++) {
      long term = ((long) Float.floatToRawIntBits(in.value(i)) << 32 | in.index(i)) * MIX;
      sum += term ^ term >>> 32;
    }
    return (int) (sum * MIX >>> 51); // The upper 13 bits: 8,192 places.
  }

  /** How many verdicts came from a table, over all threads. */
  public long hits() {
    return hits.sum();
  }

  /** How many verdicts were computed. */
  public long misses() {
    return misses.sum();
  }

  @Override
  public FeatureSchema schema() {
    return classifier.schema();
  }

  @Override
  public List<String> categories() {
    return classifier.categories();
  }

  @Override
  public Model model() {
    return classifier.model();
  }

  @Override
  public List<Contribution> explain(FeatureVector in, int limit) {
    return classifier.explain(in, limit);
  }
}
