package io.devopscopilot.collector;

import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.LogSource;
import io.devopscopilot.api.Origin;
import io.kubernetes.client.common.KubernetesObject;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.models.CoreV1Event;
import io.kubernetes.client.openapi.models.V1ContainerStatus;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1OwnerReference;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PodStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the containers of the pods of namespaces, and the namespaces' events, over the Kubernetes
 * API.
 *
 * <p>Each container (pod UID, container) is a stream: a pod made again under the same name is
 * another one, and after a restart the rest of the previous instance's log is read before the new
 * one's. Reading resumes at the exact line, see {@code docs/collector.md}. An instance whose end
 * can't be had any more is counted in {@code kubernetes.instances.lost}, a file that was rotated
 * while nobody read it to its end in {@code kubernetes.gaps}.
 *
 * <p>Threads: one that hands on what changed, two per namespace that watch its pods and events, one
 * per followed container up to {@code maxFollows}; beyond that, containers are read in turns. Used
 * by one thread, {@link #counters()} by any. Defaults: 2 s at least between the begins of two
 * watches, 128 follows, 8,192 records waiting, 10 s to connect, 30 s to answer, 5 minutes without a
 * byte before a follow is begun anew, retries after 1/4 to 30 s.
 */
public final class KubernetesLogSource implements LogSource {
  private static final Logger LOG = LoggerFactory.getLogger(KubernetesLogSource.class);
  private static final int QUEUE = 8_192;
  private static final long KEEP_NAMES = 10 * 60;
  private static final long TICK = 250;

  private final Builder settings;
  private final ClusterClient client;
  private final List<String> namespaces;
  private final KubernetesCounters counters = new KubernetesCounters();
  private final BlockingQueue<LogRecord> queue = new ArrayBlockingQueue<>(QUEUE);
  private final Map<String, PodStream> streams = new ConcurrentHashMap<>();

  /** Of the pods by namespace and name, for events, which come for a while after their end too. */
  private final Map<String, Origin> pods = new HashMap<>();

  /** When pods left, by namespace and name. */
  private final Map<String, Long> left = new HashMap<>();

  private final List<PodFeed> podFeeds = new ArrayList<>();
  private final List<EventFeed> eventFeeds = new ArrayList<>();
  private final List<ClusterWatch<?>> watches = new ArrayList<>();

  /** Namespace and name of the pods that are there, by UID. */
  private final Map<String, String> present = new HashMap<>();

  private final Map<String, String> told = new ConcurrentHashMap<>();
  private final ExecutorService readers;
  private Map<String, String> stored = Map.of();
  private final RecordJoiner joiner = new RecordJoiner();
  private @Nullable Thread looker;
  private volatile boolean closed;

  private KubernetesLogSource(Builder settings) {
    this.settings = settings;
    this.client =
        new ClusterClient(
            settings.kubeconfig,
            settings.context,
            settings.inCluster,
            Collections.min(List.of(ClusterClient.READ, settings.stall)),
            settings.stall);
    this.namespaces =
        settings.namespaces.isEmpty()
            ? List.of(client.namespace())
            : settings.namespaces.stream().distinct().toList();
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            settings.maxFollows,
            settings.maxFollows,
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(100_000),
            r -> {
              Thread thread = new Thread(r, "copilot-follow");
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
    this.readers = pool;
  }

  /** A builder; without settings it follows the current context's own namespace. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public void resume(Map<String, String> positions) {
    stored = Map.copyOf(positions);
  }

  @Override
  public int poll(Consumer<? super LogRecord> sink, int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("limit is " + limit + ", must be 1 or more");
    }
    if (closed) {
      return ENDED;
    }
    if (looker == null) {
      ask();
      read();
      watchCluster();
      Thread thread = new Thread(this::look, "copilot-pods");
      thread.setDaemon(true);
      thread.start();
      looker = thread;
    } else if (!looker.isAlive() || !watches.stream().allMatch(ClusterWatch::alive)) {
      throw new CopilotException("a thread that looks for pods or events has ended: start again");
    }
    int n = 0;
    while (n < limit) {
      LogRecord record = joiner.peek();
      if (record == null) {
        LogRecord next = queue.poll();
        if (next != null) {
          joiner.add(next, System.nanoTime());
          continue;
        }
        joiner.expire(System.nanoTime());
        if (joiner.peek() == null) {
          break;
        }
        continue;
      }
      sink.accept(record);
      joiner.remove();
      n++;
    }
    return n;
  }

  /** The first question throws what is wrong. */
  private void ask() {
    for (String namespace : namespaces) {
      asked(
          namespace,
          "list",
          "pods",
          true,
          () -> {
            for (KubernetesObject pod : pods(namespace).list(null).getItems()) {
              pod((V1Pod) pod);
            }
          });
    }
    counters.pods.set(present.keySet().stream().filter(this::mine).count());
    counters.streams.set(streams.size());
  }

  private ClusterClient.Calls pods(String namespace) {
    return client.podCalls(namespace, settings.labels, settings.fields);
  }

  private void watchCluster() {
    for (String namespace : namespaces) {
      PodFeed pods = new PodFeed(namespace);
      podFeeds.add(pods);
      watch(V1Pod.class, pods(namespace), pods, namespace, "pods");
      if (settings.events && mine(namespace)) {
        String stream = EventFeed.stream(namespace);
        EventFeed events = new EventFeed(namespace, stored.getOrDefault(stream, ""), counters);
        eventFeeds.add(events);
        watch(CoreV1Event.class, client.eventCalls(namespace), events, namespace, "events");
      }
    }
  }

  private <T extends KubernetesObject> void watch(
      Class<T> kind,
      ClusterClient.Calls calls,
      ClusterWatch.Receiver<T> receiver,
      String namespace,
      String resource) {
    watches.add(
        new ClusterWatch<>(
            client,
            kind,
            calls,
            receiver,
            (verb, question) -> asked(namespace, verb, resource, false, question),
            settings.interval,
            counters));
  }

  /** On a thread of its own, until it is closed. */
  private void look() {
    try {
      while (!closed) {
        TimeUnit.MILLISECONDS.sleep(TICK);
        // Taken before the pods, so that the pods of these events are known.
        List<List<ClusterEvent>> events = eventFeeds.stream().map(EventFeed::take).toList();
        for (PodFeed feed : podFeeds) {
          for (PodFeed.Change c = feed.poll(); c != null; c = feed.poll()) {
            PodFeed.Change next = c;
            asked(feed.namespace, "read", "pods", false, () -> change(feed.namespace, next));
          }
        }
        tidy();
        for (int i = 0; i < events.size(); i++) {
          putEvents(eventFeeds.get(i), events.get(i));
        }
        read();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RejectedExecutionException e) {
      LOG.debug("closed while reading was to begin", e);
    }
  }

  private void change(String namespace, PodFeed.Change change) {
    V1Pod pod = change.pod();
    if (pod == null) {
      Set<String> all = change.all();
      for (Map.Entry<String, String> p : Map.copyOf(present).entrySet()) {
        if (p.getValue().startsWith(namespace + "/") && !all.contains(p.getKey())) {
          leave(p.getKey());
        }
      }
    } else if (change.deleted()) {
      leave(uid(pod));
    } else {
      pod(pod);
    }
  }

  private void leave(String uid) {
    String name = present.remove(uid);
    if (name != null && !present.containsValue(name)) { // a pod may be made again under its name
      left.put(name, seconds());
    }
  }

  private static long seconds() {
    return System.nanoTime() / 1_000_000_000L;
  }

  /** Brings the streams in line with the pods that are there. */
  private void tidy() {
    long now = seconds();
    left.keySet().retainAll(pods.keySet());
    pods.keySet().removeIf(name -> now - left.getOrDefault(name, now) > KEEP_NAMES);
    streams.values().forEach(s -> s.gone = !present.containsKey(s.origin.podUid()));
    streams.values().removeIf(s -> s.gone && s.done());
    counters.pods.set(present.keySet().stream().filter(this::mine).count());
    counters.streams.set(streams.values().stream().filter(PodStream::active).count());
  }

  /** Begins to read what is due. */
  private void read() {
    boolean follow = counters.streams.get() <= settings.maxFollows;
    for (PodStream stream : streams.values()) {
      if (stream.due()) {
        stream.running = true;
        readers.execute(() -> stream.read(follow));
      }
    }
  }

  private void putLine(LogRecord record) throws InterruptedException {
    put(record);
    counters.lines.incrementAndGet();
  }

  private void put(LogRecord record) throws InterruptedException {
    while (!queue.offer(record, 1, TimeUnit.SECONDS)) {
      if (closed) {
        throw new InterruptedException("closed");
      }
    }
  }

  /** On the looking thread only: whoever takes the records can't wait for room. */
  private void putEvents(EventFeed feed, List<ClusterEvent> events) throws InterruptedException {
    for (ClusterEvent event : events) {
      put(event.record(feed.stream, originOf(feed.namespace, event.kind(), event.name())));
      counters.events.incrementAndGet();
    }
  }

  private Origin originOf(String namespace, String kind, String name) {
    boolean ofPod = kind.equals("Pod");
    Origin pod = ofPod ? pods.get(namespace + "/" + name) : null;
    return pod != null
        ? pod
        : Origin.builder()
            .namespace(namespace)
            .service(ofPod ? Workloads.ofPod(name) : Workloads.ofSet(name, kind))
            .pod(ofPod ? name : "")
            .owner(kind + "/" + name)
            .build();
  }

  /** Asks; what goes wrong is told once while it lasts, for this is asked every few seconds. */
  private boolean asked(
      String namespace,
      String verb,
      String resource,
      boolean first,
      ClusterWatch.Question question) {
    CopilotException wrong;
    try {
      question.ask();
      told.remove(namespace + " " + verb + " " + resource);
      return true;
    } catch (ApiException e) {
      wrong = refused(namespace, verb, resource, e);
    } catch (RuntimeException e) { // an answer that is none, for example a proxy's page
      wrong =
          new CopilotException(
              "the cluster's answer about " + resource + " can't be used: " + e.getMessage(),
              e,
              true);
    }
    if (closed) { // which is what broke it
      return false;
    }
    counters.reconnects.incrementAndGet();
    if (first) {
      throw wrong;
    }
    String what = String.valueOf(wrong.getMessage());
    if (!what.equals(told.put(namespace + " " + verb + " " + resource, what))) {
      LOG.warn("{}", what);
    }
    return false;
  }

  private CopilotException refused(String namespace, String verb, String resource, ApiException e) {
    if (e.getCode() == 401) {
      client.renew();
    }
    if (e.getCode() == 403) {
      counters.forbidden.incrementAndGet();
    }
    String what =
        switch (e.getCode()) {
          case 401 ->
              "the cluster does not accept the credentials (401): log in again, or renew the token";
          case 403 ->
              "the cluster forbids it (403): grant the verb "
                  + verb
                  + " on "
                  + resource
                  + " in namespace "
                  + namespace
                  + (resource.equals("pods") ? " (and get on pods/log)" : "");
          case 404 -> "there is no namespace " + namespace;
          default ->
              "the cluster does not answer: "
                  + (e.getCode() == 0 ? String.valueOf(e.getCause()) : "status " + e.getCode());
        };
    boolean lasting = e.getCode() == 401 || e.getCode() == 403 || e.getCode() == 404;
    return new CopilotException(what, e, !lasting);
  }

  private static String uid(V1Pod pod) {
    return pod.getMetadata() == null ? "" : String.valueOf(pod.getMetadata().getUid());
  }

  private void pod(V1Pod pod) {
    V1ObjectMeta meta = pod.getMetadata();
    V1PodStatus status = pod.getStatus();
    if (meta == null || status == null || meta.getUid() == null) {
      return;
    }
    Origin.Builder origin = origin(pod, meta);
    String name = meta.getNamespace() + "/" + meta.getName();
    pods.put(name, origin.build());
    present.put(meta.getUid(), name);
    left.remove(name);
    if (!mine(meta.getUid())) {
      return;
    }
    for (V1ContainerStatus container : containers(status)) {
      ContainerState state = ContainerState.of(container);
      String key = "kubernetes:" + meta.getUid() + "/" + container.getName();
      PodStream stream = streams.get(key);
      if (stream != null) {
        stream.state(state);
      } else if (state.began()) {
        Origin of = origin.container(container.getName()).build();
        streams.put(
            key,
            new PodStream(
                key,
                of,
                state,
                stored.getOrDefault(key, ""),
                client,
                () -> state(of),
                counters,
                this::putLine));
      }
    }
  }

  /** Whether a pod, by its UID, or the events of a namespace are dealt to this source. */
  private boolean mine(String what) {
    return Math.floorMod(what.hashCode(), settings.shards) == settings.shard;
  }

  /** The state of a container at this moment. */
  private Optional<ContainerState> state(Origin of) throws ApiException {
    for (V1Pod pod : client.pod(of.namespace(), of.pod()).getItems()) {
      V1ObjectMeta meta = pod.getMetadata();
      V1PodStatus status = pod.getStatus();
      if (meta != null && status != null && of.podUid().equals(meta.getUid())) {
        return containers(status).stream()
            .filter(c -> c.getName().equals(of.container()))
            .findFirst()
            .map(ContainerState::of);
      }
    }
    return Optional.empty();
  }

  private static List<V1ContainerStatus> containers(V1PodStatus status) {
    List<V1ContainerStatus> all = new ArrayList<>();
    addAll(all, status.getInitContainerStatuses());
    addAll(all, status.getContainerStatuses());
    addAll(all, status.getEphemeralContainerStatuses());
    return all;
  }

  private static void addAll(List<V1ContainerStatus> all, @Nullable List<V1ContainerStatus> some) {
    if (some != null) {
      all.addAll(some);
    }
  }

  private static Origin.Builder origin(V1Pod pod, V1ObjectMeta meta) {
    String name = String.valueOf(meta.getName());
    String owner = "";
    String service = name;
    List<V1OwnerReference> owners = meta.getOwnerReferences();
    if (owners != null && !owners.isEmpty()) {
      String kind = owners.get(0).getKind();
      service = Workloads.ofSet(owners.get(0).getName(), kind);
      owner = (kind.equals("ReplicaSet") ? "Deployment" : kind) + "/" + service;
    }
    String node = pod.getSpec() == null ? null : pod.getSpec().getNodeName();
    return Origin.builder()
        .namespace(String.valueOf(meta.getNamespace()))
        .service(service)
        .pod(name)
        .podUid(String.valueOf(meta.getUid()))
        .node(node == null ? "" : node)
        .owner(owner)
        .labels(meta.getLabels() == null ? Map.of() : meta.getLabels());
  }

  @Override
  public Optional<Set<String>> streams() {
    Set<String> all = new HashSet<>(streams.keySet());
    eventFeeds.forEach(feed -> all.add(feed.stream));
    return Optional.of(all);
  }

  @Override
  public Map<String, Long> counters() {
    return counters.all();
  }

  @Override
  public void close() {
    closed = true;
    if (looker != null) {
      looker.interrupt();
    }
    watches.forEach(ClusterWatch::close);
    streams.values().forEach(PodStream::cancel);
    readers.shutdownNow();
    try {
      if (!readers.awaitTermination(5, TimeUnit.SECONDS)) {
        LOG.warn("not all follows ended within 5 s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Builds a {@link KubernetesLogSource}; not thread-safe. */
  public static final class Builder {
    private Optional<Path> kubeconfig = Optional.empty();
    private Optional<String> context = Optional.empty();
    private boolean inCluster;
    private final List<String> namespaces = new ArrayList<>();
    private Optional<String> labels = Optional.empty();
    private Optional<String> fields = Optional.empty();
    private boolean events = true;
    private int shard;
    private int shards = 1;
    private int maxFollows = 128;
    private Duration interval = Duration.ofSeconds(2);
    private Duration stall = ClusterClient.STALL;

    private Builder() {}

    /** The kubeconfig; default: the first of {@code $KUBECONFIG}, else {@code ~/.kube/config}. */
    public Builder kubeconfig(Path file) {
      this.kubeconfig = Optional.of(file);
      return this;
    }

    /** The context of the kubeconfig; default: its current one. */
    public Builder context(String context) {
      this.context = Optional.of(context);
      return this;
    }

    /** Uses the service account of the pod this runs in. */
    public Builder inCluster() {
      this.inCluster = true;
      return this;
    }

    /** One more namespace; default: the context's own. */
    public Builder namespace(String namespace) {
      namespaces.add(namespace);
      return this;
    }

    /** Only pods with these labels, for example {@code app=shop,tier!=test}. */
    public Builder labelSelector(String selector) {
      this.labels = Optional.of(selector);
      return this;
    }

    /** Only pods with these fields, for example {@code spec.nodeName=node-1}. */
    public Builder fieldSelector(String selector) {
      this.fields = Optional.of(selector);
      return this;
    }

    /** Whether events come in too; default true. */
    public Builder events(boolean events) {
      this.events = events;
      return this;
    }

    /**
     * Only one part of the pods, by the hash of their UID, and of the namespaces' events; default:
     * all. Sources that differ in nothing but {@code shard} read everything once between them.
     *
     * @param shard 0 to {@code shards} - 1
     * @param shards 1 to {@value ShardLeases#MAX_SHARDS}
     */
    public Builder shard(int shard, int shards) {
      if (shards < 1 || shards > ShardLeases.MAX_SHARDS || shard < 0 || shard >= shards) {
        throw new IllegalArgumentException(
            "shard is "
                + shard
                + " of "
                + shards
                + ", must be 0 to shards - 1 of 1 to "
                + ShardLeases.MAX_SHARDS);
      }
      this.shard = shard;
      this.shards = shards;
      return this;
    }

    /** Containers that are followed at the same time at most, 1 to 10,000, default 128. */
    public Builder maxFollows(int follows) {
      if (follows < 1 || follows > 10_000) {
        throw new IllegalArgumentException("maxFollows is " + follows + ", must be 1 to 10000");
      }
      this.maxFollows = follows;
      return this;
    }

    /**
     * After how long without a byte a follow is begun anew, 1 s to 1 h, default 5 min; a quiet
     * container loses nothing by it.
     */
    public Builder stallTimeout(Duration stall) {
      if (stall.toMillis() < 1_000 || stall.toHours() > 1) {
        throw new IllegalArgumentException("stallTimeout is " + stall + ", must be 1 s to 1 h");
      }
      this.stall = stall;
      return this;
    }

    /**
     * At least so long from the begin of a watch of pods or events to that of the next, 100 ms to 1
     * min, default 2 s; where they may not be watched, 10 s lie between two lists.
     */
    public Builder interval(Duration interval) {
      if (interval.toMillis() < 100 || interval.toMillis() > 60_000) {
        throw new IllegalArgumentException("interval is " + interval + ", must be 100 ms to 1 min");
      }
      this.interval = interval;
      return this;
    }

    /**
     * Looks at the same namespaces for what is broken; labels and fields do not restrict it.
     *
     * @throws CopilotException if the kubeconfig or the service account can't be read
     */
    public ClusterHealth health() {
      ClusterClient client = new ClusterClient(kubeconfig, context, inCluster);
      return new ClusterHealth(
          client, namespaces.isEmpty() ? List.of(client.namespace()) : namespaces);
    }

    /**
     * The Leases by which collectors of one name share the shards; they stand in the first of the
     * namespaces.
     *
     * @param name 1 to 40 of a-z, 0-9 and -
     * @param shards 1 to {@value ShardLeases#MAX_SHARDS}, the same for all
     * @throws CopilotException if the kubeconfig or the service account can't be read
     */
    public ShardLeases leases(String name, int shards) {
      ClusterClient client = new ClusterClient(kubeconfig, context, inCluster);
      String me =
          Optional.ofNullable(System.getenv("HOSTNAME")).orElse("collector")
              + "-"
              + UUID.randomUUID().toString().substring(0, 8);
      return new ShardLeases(
          client,
          namespaces.isEmpty() ? client.namespace() : namespaces.get(0),
          name,
          shards,
          me,
          ShardLeases.TERM);
    }

    /**
     * The source; nothing is asked of the cluster before the first poll.
     *
     * @throws CopilotException if the kubeconfig or the service account can't be read
     */
    public KubernetesLogSource build() {
      return new KubernetesLogSource(this);
    }

    /**
     * The ConfigMaps of the same cluster and namespaces with a label.
     *
     * @param selector for example {@code devops-copilot/runbook=true}
     * @throws CopilotException if the kubeconfig or the service account can't be read
     */
    public ClusterDocuments documents(String selector) {
      ClusterClient client = new ClusterClient(kubeconfig, context, inCluster);
      return new ClusterDocuments(
          client, namespaces.isEmpty() ? List.of(client.namespace()) : namespaces, selector);
    }
  }
}
