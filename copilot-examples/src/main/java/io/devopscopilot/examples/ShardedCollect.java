package io.devopscopilot.examples;

import io.devopscopilot.api.Copilot;
import io.devopscopilot.api.LogClassifier;
import io.devopscopilot.collector.ShardLeases;
import io.devopscopilot.features.TextFeatureExtractor;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Collects the shards that this process holds: each has a pipeline and a sink of its own, named
 * after the shard, so that positions are found by whoever holds it next and Kafka refuses whoever
 * held it before.
 */
final class ShardedCollect implements ShardLeases.Work {
  /** What is now; everything else is counted since the start. */
  private static final Set<String> NOW = Set.of("kubernetes.pods", "kubernetes.streams");

  private final ClusterOptions cluster;
  private final String target;
  private final String name;
  private final int shards;
  private final LogClassifier classifier;
  private final Map<Integer, Copilot> running = new HashMap<>();
  private final Map<String, Long> ended = new HashMap<>();

  ShardedCollect(
      ClusterOptions cluster, String target, String name, int shards, LogClassifier classifier) {
    this.cluster = cluster;
    this.target = target;
    this.name = name;
    this.shards = shards;
    this.classifier = classifier;
  }

  @Override
  public void hold(int shard, BooleanSupplier lost) throws InterruptedException {
    Copilot copilot =
        Copilot.builder()
            .features(new TextFeatureExtractor())
            .classifier(classifier)
            .source(cluster.shard(shard, shards))
            .sink(KafkaLogSink.open(target, name + "/" + shard))
            .batch(2048)
            .build();
    begin(shard, copilot);
    try {
      copilot.start();
      boolean done = false;
      while (!done && !lost.getAsBoolean()) {
        done = copilot.await(Duration.ofMillis(200));
      }
    } finally {
      copilot.close();
      end(shard, copilot);
    }
  }

  private synchronized void begin(int shard, Copilot copilot) {
    running.put(shard, copilot);
  }

  private synchronized void end(int shard, Copilot copilot) {
    running.remove(shard);
    add(copilot, ended);
    ended.keySet().removeAll(NOW);
  }

  private static void add(Copilot copilot, Map<String, Long> sums) {
    copilot.stats().counters().forEach((k, v) -> sums.merge(k, v, Long::sum));
  }

  /** The sums over all shards, also those of before. */
  synchronized Map<String, Long> counters() {
    Map<String, Long> sums = new HashMap<>(ended);
    running.values().forEach(c -> add(c, sums));
    return sums;
  }
}
