package io.devopscopilot.flink;

import io.devopscopilot.api.Category;
import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.FeatureVector;
import io.devopscopilot.api.Severity;
import io.devopscopilot.api.Verdict;
import io.devopscopilot.classifier.TreeLogClassifier;
import io.devopscopilot.features.TextFeatureExtractor;
import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.streaming.api.functions.co.BroadcastProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives each line its verdicts with the newest model of the control topic, at first with the one
 * that comes with the library. A model that can't be used is refused, and the one before stays.
 */
final class ClassifyFunction extends BroadcastProcessFunction<Line, Control, Judged> {
  static final MapStateDescriptor<String, byte[]> MODELS =
      new MapStateDescriptor<>(
          "models",
          org.apache.flink.api.common.typeinfo.Types.STRING,
          PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);
  static final OutputTag<Line> REFUSED = new OutputTag<>("refused", Types.LINE);

  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(ClassifyFunction.class);

  private transient Worker worker = new Worker(TreeLogClassifier.loadDefault());
  private transient boolean restored;
  private transient Counter failed = new SimpleCounter();
  private transient Counter swapped = new SimpleCounter();

  /** A model with the memory that it works in. */
  private static final class Worker {
    final TextFeatureExtractor extractor = new TextFeatureExtractor();
    final TreeLogClassifier classifier;
    final FeatureVector features;
    final Verdict verdict;
    final String model;

    Worker(TreeLogClassifier classifier) {
      if (!extractor.schema().equals(classifier.schema())) {
        throw new CopilotException(
            "the model is refused: it was trained on "
                + classifier.schema().id()
                + ", this job extracts "
                + extractor.schema().id());
      }
      this.classifier = classifier;
      this.features = new FeatureVector(extractor.schema());
      this.verdict = new Verdict(classifier.categories());
      this.model = classifier.model().id();
    }

    Judged judge(Line line) {
      extractor.extract(line.record(), features);
      classifier.classify(features, verdict);
      int category = verdict.categoryIndex();
      return new Judged(
          line,
          verdict.severity(),
          verdict.severityProbabilities()[verdict.severity().ordinal()],
          verdict.category(),
          category < 0 ? 0 : verdict.categoryProbabilities()[category],
          features.fingerprint(),
          model);
    }
  }

  @Override
  public void open(OpenContext context) {
    worker = new Worker(TreeLogClassifier.loadDefault());
    restored = false;
    failed = getRuntimeContext().getMetricGroup().counter("failedLines");
    swapped = getRuntimeContext().getMetricGroup().counter("modelSwaps");
  }

  @Override
  public void processElement(Line line, ReadOnlyContext context, Collector<Judged> out)
      throws Exception {
    if (!restored) {
      restored = true;
      byte[] kept = context.getBroadcastState(MODELS).get(Control.MODEL_KEY);
      if (kept != null) {
        worker = new Worker(TreeLogClassifier.load(kept, "of the checkpoint"));
      }
    }
    if (!line.good()) {
      context.output(REFUSED, line);
      return;
    }
    Judged judged;
    try {
      judged = worker.judge(line);
    } catch (RuntimeException e) {
      if (failed.getCount() == 0) {
        LOG.warn("a line could not be judged; further ones are only counted", e);
      }
      failed.inc();
      judged = new Judged(line, Severity.INFO, 1, Category.UNKNOWN, 1, 0, "certain");
    }
    out.collect(judged);
  }

  @Override
  public void processBroadcastElement(Control control, Context context, Collector<Judged> out)
      throws Exception {
    String why = "";
    switch (control.kind()) {
      case MODEL -> {
        try {
          worker = new Worker(TreeLogClassifier.load(control.bytes(), "at " + control.note()));
          restored = true;
          context.getBroadcastState(MODELS).put(Control.MODEL_KEY, control.bytes());
          swapped.inc();
          LOG.info("from now on the model {} decides", worker.model);
        } catch (CopilotException e) {
          why = String.valueOf(e.getMessage());
        }
      }
      case DEFAULT_MODEL -> {
        worker = new Worker(TreeLogClassifier.loadDefault());
        restored = true;
        context.getBroadcastState(MODELS).clear();
        swapped.inc();
      }
      case REFUSED -> why = control.note();
      case MUTE, UNMUTE -> {
        return; // for the detector
      }
    }
    if (!why.isEmpty() && getRuntimeContext().getTaskInfo().getIndexOfThisSubtask() == 0) {
      LOG.warn("{}", why);
      byte[] begin =
          control.bytes().length <= 1024 ? control.bytes() : why.getBytes(StandardCharsets.UTF_8);
      context.output(REFUSED, Line.refused("control", 0, 0, begin, why));
    }
  }
}
