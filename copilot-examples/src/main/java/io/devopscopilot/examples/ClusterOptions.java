package io.devopscopilot.examples;

import io.devopscopilot.api.LogSource;
import io.devopscopilot.collector.ClusterDocuments;
import io.devopscopilot.collector.ClusterHealth;
import io.devopscopilot.collector.KubernetesLogSource;
import io.devopscopilot.collector.ShardLeases;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options that name a cluster; a picocli mixin. */
final class ClusterOptions {
  @Option(names = "--context", description = "Follow this cluster: a context of the kubeconfig.")
  private Optional<String> context = Optional.empty();

  @Option(
      names = "--kubeconfig",
      description = "Kubeconfig file; default: $KUBECONFIG or ~/.kube/config.")
  private Optional<Path> kubeconfig = Optional.empty();

  @Option(names = "--in-cluster", description = "Follow the cluster this process runs in.")
  private boolean inCluster;

  @Option(names = "--namespace", description = "Namespace to follow; may be repeated.")
  private List<String> namespaces = new ArrayList<>();

  @Option(names = "--selector", description = "Only pods with these labels, for example app=shop.")
  private Optional<String> selector = Optional.empty();

  @Option(
      names = "--docs-configmaps",
      paramLabel = "SELECTOR",
      description =
          "ConfigMaps with this label are documents too, for example devops-copilot/runbook=true.")
  private Optional<String> documents = Optional.empty();

  /** The cluster's documents, empty where none are asked for. */
  Optional<ClusterDocuments> documents() {
    check();
    return documents.map(selector -> builder().documents(selector));
  }

  /** The cluster's health, empty where no cluster is named. */
  Optional<ClusterHealth> health() {
    check();
    return named() ? Optional.of(builder().health()) : Optional.empty();
  }

  private void check() {
    if (!named() && (!namespaces.isEmpty() || selector.isPresent() || documents.isPresent())) {
      throw new Main.UsageException(
          "--namespace, --selector and --docs-configmaps need a cluster: give --context,"
              + " --kubeconfig or --in-cluster");
    }
  }

  /** Whether a cluster was given. */
  boolean named() {
    return context.isPresent() || kubeconfig.isPresent() || inCluster;
  }

  /** The cluster's source, empty where no cluster is named. */
  Optional<LogSource> source() {
    check();
    return named() ? Optional.of(shard(0, 1)) : Optional.empty();
  }

  /** The source of one part of the pods of the cluster that is named. */
  LogSource shard(int shard, int shards) {
    KubernetesLogSource.Builder builder = builder().shard(shard, shards);
    selector.ifPresent(builder::labelSelector);
    return builder.build();
  }

  /** The Leases by which collectors of one name share the pods of the cluster that is named. */
  ShardLeases leases(String name, int shards) {
    return builder().leases(name, shards);
  }

  private KubernetesLogSource.Builder builder() {
    KubernetesLogSource.Builder builder = KubernetesLogSource.builder();
    context.ifPresent(builder::context);
    kubeconfig.ifPresent(builder::kubeconfig);
    namespaces.forEach(builder::namespace);
    if (inCluster) {
      builder.inCluster();
    }
    return builder;
  }
}
