package io.devopscopilot.collector;

import com.google.gson.JsonObject;
import com.google.gson.reflect.TypeToken;
import io.devopscopilot.api.CopilotException;
import io.kubernetes.client.common.KubernetesListObject;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.Pair;
import io.kubernetes.client.openapi.apis.AuthorizationV1Api;
import io.kubernetes.client.openapi.apis.CoordinationV1Api;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.models.CoreV1EventList;
import io.kubernetes.client.openapi.models.V1ConfigMapList;
import io.kubernetes.client.openapi.models.V1Lease;
import io.kubernetes.client.openapi.models.V1PodList;
import io.kubernetes.client.openapi.models.V1ResourceAttributes;
import io.kubernetes.client.openapi.models.V1SelfSubjectAccessReview;
import io.kubernetes.client.openapi.models.V1SelfSubjectAccessReviewSpec;
import io.kubernetes.client.util.ClientBuilder;
import io.kubernetes.client.util.KubeConfig;
import io.kubernetes.client.util.Watch;
import java.io.IOException;
import java.io.Reader;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import okhttp3.Call;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls of the Kubernetes API with finite timeouts; made anew when credentials have run out. */
final class ClusterClient {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterClient.class);
  static final Duration CONNECT = Duration.ofSeconds(10);
  static final Duration READ = Duration.ofSeconds(30);

  /** A follow that says nothing for so long is begun anew. */
  static final Duration STALL = Duration.ofMinutes(5);

  /** A watch lasts at most four fifths of it; silent for so long, it is begun anew. */
  private static final Duration WATCH = Duration.ofSeconds(90);

  private static final Type CHANGE = new TypeToken<Watch.Response<JsonObject>>() {}.getType();
  private static final int PAGE = 500;
  private static final int TAIL_BYTES = 256 << 10;
  private static final long RENEW_NANOS = 5_000_000_000L;

  private final Optional<Path> file;
  private final Optional<String> context;
  private final boolean inCluster;
  private final Duration answer;
  private final Duration stall;
  private final Duration watch;
  private ApiClient client;
  private ApiClient logs;
  private String namespace = "default";
  private long renewed;

  ClusterClient(Optional<Path> file, Optional<String> context, boolean inCluster) {
    this(file, context, inCluster, READ, STALL);
  }

  /**
   * Reads the kubeconfig or the service account.
   *
   * @param answer a log that is not followed may be silent for so long
   * @param stall a followed one for so long
   */
  ClusterClient(
      Optional<Path> file,
      Optional<String> context,
      boolean inCluster,
      Duration answer,
      Duration stall) {
    this.answer = answer;
    this.stall = stall;
    this.watch = stall.compareTo(WATCH) < 0 ? stall : WATCH;
    this.file = file;
    this.context = context;
    this.inCluster = inCluster;
    this.client = build(READ);
    this.logs = build(stall);
    this.renewed = System.nanoTime() - RENEW_NANOS;
  }

  private ApiClient build(Duration read) {
    try {
      ApiClient made = inCluster ? ClientBuilder.cluster().build() : fromFile();
      made.setHttpClient(
          made.getHttpClient()
              .newBuilder()
              .connectTimeout(CONNECT)
              .readTimeout(read)
              .writeTimeout(READ)
              .retryOnConnectionFailure(false)
              .build());
      return made;
    } catch (IOException | RuntimeException e) {
      if (e instanceof CopilotException known) {
        throw known;
      }
      throw new CopilotException(
          inCluster
              ? "not inside a cluster: the service account of the pod can't be read"
              : "the kubeconfig can't be used: " + e.getMessage(),
          e);
    }
  }

  private ApiClient fromFile() throws IOException {
    Path path = file.orElseGet(ClusterClient::standardFile);
    if (!Files.isReadable(path)) {
      throw new CopilotException(
          "the kubeconfig "
              + path
              + " does not exist or can't be read; name one with --kubeconfig");
    }
    try (Reader reader = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
      KubeConfig config = KubeConfig.loadKubeConfig(reader);
      config.setFile(path.toFile());
      if (context.isPresent() && !config.setContext(context.get())) {
        List<String> names = new ArrayList<>();
        for (Object c : config.getContexts()) {
          names.add(String.valueOf(((Map<?, ?>) c).get("name")));
        }
        throw new CopilotException(
            "the kubeconfig has no context '" + context.get() + "', it has " + names);
      }
      if (config.getNamespace() != null) {
        namespace = config.getNamespace();
      }
      return ClientBuilder.kubeconfig(config).build();
    }
  }

  private static Path standardFile() {
    String variable = System.getenv("KUBECONFIG");
    if (variable != null && !variable.isBlank()) {
      return Path.of(variable.split(java.io.File.pathSeparator)[0]);
    }
    return Path.of(System.getProperty("user.home", "."), ".kube", "config");
  }

  /** The context's own namespace. */
  String namespace() {
    return namespace;
  }

  /**
   * Reads the credentials again after a 401, at most every 5 s; keeps them if they can't be read.
   */
  synchronized void renew() {
    if (System.nanoTime() - renewed >= RENEW_NANOS) {
      renewed = System.nanoTime();
      try {
        client = build(READ);
        logs = build(stall);
      } catch (CopilotException e) {
        LOG.warn("{}", e.getMessage());
      }
    }
  }

  private synchronized ApiClient client(boolean log) {
    return log ? logs : client;
  }

  /** A pod, from the store of the API server: as of now. */
  V1PodList pod(String namespace, String name) throws ApiException {
    return new CoreV1Api(client(false))
        .listNamespacedPod(namespace)
        .fieldSelector("metadata.name=" + name)
        .execute();
  }

  /** The pods, from the API server's cache: cheap for it, at most a moment old. */
  V1PodList pods(String namespace) throws ApiException {
    return new CoreV1Api(client(false)).listNamespacedPod(namespace).resourceVersion("0").execute();
  }

  CoreV1EventList events(String namespace) throws ApiException {
    return new CoreV1Api(client(false))
        .listNamespacedEvent(namespace)
        .resourceVersion("0")
        .execute();
  }

  /** How to ask for the objects of one kind in a namespace, page by page or as they change. */
  interface Calls {
    /**
     * A page of the list.
     *
     * @param next what the page before named as the next one, null = the first
     */
    KubernetesListObject list(@Nullable String next) throws ApiException;

    /** Changes since a version. */
    Call watch(String version) throws ApiException;
  }

  Calls podCalls(String namespace, Optional<String> labels, Optional<String> fields) {
    return new Calls() {
      private CoreV1Api.APIlistNamespacedPodRequest request() {
        CoreV1Api.APIlistNamespacedPodRequest request =
            new CoreV1Api(client(false)).listNamespacedPod(namespace);
        labels.ifPresent(request::labelSelector);
        fields.ifPresent(request::fieldSelector);
        return request;
      }

      @Override
      public V1PodList list(@Nullable String next) throws ApiException {
        return request().limit(PAGE)._continue(next).execute();
      }

      @Override
      public Call watch(String version) throws ApiException {
        return watching(
            request()
                .watch(true)
                .resourceVersion(version)
                .allowWatchBookmarks(true)
                .timeoutSeconds(watchSeconds())
                .buildCall(null));
      }
    };
  }

  Calls eventCalls(String namespace) {
    return new Calls() {
      private CoreV1Api.APIlistNamespacedEventRequest request() {
        return new CoreV1Api(client(false)).listNamespacedEvent(namespace);
      }

      @Override
      public CoreV1EventList list(@Nullable String next) throws ApiException {
        return request().limit(PAGE)._continue(next).execute();
      }

      @Override
      public Call watch(String version) throws ApiException {
        return watching(
            request()
                .watch(true)
                .resourceVersion(version)
                .allowWatchBookmarks(true)
                .timeoutSeconds(watchSeconds())
                .buildCall(null));
      }
    };
  }

  private int watchSeconds() {
    return (int) Math.max(1, watch.toSeconds() * 4 / 5);
  }

  /** It must say something, be it a bookmark, in as long as it may last. */
  private Call watching(Call call) {
    return client(false)
        .getHttpClient()
        .newBuilder()
        .readTimeout(watch)
        .build()
        .newCall(call.request());
  }

  /** Asks what {@link Calls#watch} made. */
  Watch<JsonObject> open(Call call) throws ApiException {
    return Watch.createWatch(client(false), call, CHANGE);
  }

  V1ConfigMapList configMaps(String namespace, String labels) throws ApiException {
    return new CoreV1Api(client(false))
        .listNamespacedConfigMap(namespace)
        .labelSelector(labels)
        .resourceVersion("0")
        .execute();
  }

  Optional<V1Lease> lease(String namespace, String name) throws ApiException {
    try {
      return Optional.of(
          new CoordinationV1Api(client(false)).readNamespacedLease(name, namespace).execute());
    } catch (ApiException e) {
      if (e.getCode() == 404) {
        return Optional.empty();
      }
      throw e;
    }
  }

  V1Lease createLease(String namespace, V1Lease lease) throws ApiException {
    return new CoordinationV1Api(client(false)).createNamespacedLease(namespace, lease).execute();
  }

  /** Fails with 409 if the Lease was changed since it was read. */
  V1Lease replaceLease(String namespace, String name, V1Lease lease) throws ApiException {
    return new CoordinationV1Api(client(false))
        .replaceNamespacedLease(name, namespace, lease)
        .execute();
  }

  /** The last lines of a container's log, or of its previous instance. */
  String tail(String namespace, String pod, String container, boolean previous, int lines)
      throws ApiException {
    String text =
        new CoreV1Api(client(false))
            .readNamespacedPodLog(pod, namespace)
            .container(container)
            .previous(previous)
            .tailLines(lines)
            .limitBytes(TAIL_BYTES)
            .execute();
    return text == null ? "" : text;
  }

  /** Whether the credentials grant a verb, as the API server says. */
  boolean may(String namespace, String verb, String resource, String part) throws ApiException {
    V1ResourceAttributes what =
        new V1ResourceAttributes().namespace(namespace).verb(verb).resource(resource);
    if (!part.isEmpty()) {
      what.subresource(part);
    }
    V1SelfSubjectAccessReview said =
        new AuthorizationV1Api(client(false))
            .createSelfSubjectAccessReview(
                new V1SelfSubjectAccessReview()
                    .spec(new V1SelfSubjectAccessReviewSpec().resourceAttributes(what)))
            .execute();
    return said.getStatus() != null && Boolean.TRUE.equals(said.getStatus().getAllowed());
  }

  /** The log of a container; the generated call lacks {@code sinceTime}. */
  Call log(
      String namespace,
      String pod,
      String container,
      boolean previous,
      boolean follow,
      Optional<Instant> since)
      throws ApiException {
    ApiClient api = client(true);
    List<Pair> query = new ArrayList<>();
    query.add(new Pair("container", container));
    query.add(new Pair("timestamps", "true"));
    query.add(new Pair("follow", Boolean.toString(follow)));
    if (previous) {
      query.add(new Pair("previous", "true"));
    }
    since.ifPresent(t -> query.add(new Pair("sinceTime", t.toString())));
    Call call =
        api.buildCall(
            null,
            "/api/v1/namespaces/"
                + api.escapeString(namespace)
                + "/pods/"
                + api.escapeString(pod)
                + "/log",
            "GET",
            query,
            List.of(),
            null,
            new java.util.HashMap<>(Map.of("Accept", "*/*")),
            new java.util.HashMap<>(),
            new java.util.HashMap<>(),
            new String[] {"BearerToken"},
            null);
    return follow
        ? call
        : api.getHttpClient().newBuilder().readTimeout(answer).build().newCall(call.request());
  }
}
