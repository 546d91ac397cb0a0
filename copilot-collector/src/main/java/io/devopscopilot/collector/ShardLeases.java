package io.devopscopilot.collector;

import io.devopscopilot.api.CopilotException;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.models.V1Lease;
import io.kubernetes.client.openapi.models.V1LeaseSpec;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shares the pods of a cluster among collectors. The pods are dealt to shards ({@link
 * KubernetesLogSource.Builder#shard}); each shard has a Lease ({@code coordination.k8s.io}) that
 * one collector holds. It is renewed every third of its term (15 s), given up by a holder that
 * could not renew it for two thirds, and free for others once it was not renewed for a whole term,
 * by their own clocks. A collector that holds two less than another one asks for one of its shards
 * by an annotation of the Lease, and is given it.
 *
 * <p>A Lease tells who works, it is no lock: after a pause of a whole process two may work on a
 * shard for a moment. What they write to must refuse one of them, as Kafka does by the
 * transactional id.
 *
 * <p>Threads: {@link #run} uses the caller's and one for each shard it holds.
 */
public final class ShardLeases {
  /** Works on a shard. */
  @FunctionalInterface
  public interface Work {
    /**
     * Works until {@code lost} says true, lets go of everything, and returns. Whether it returns or
     * throws, the shard is given up and may be taken again, by this collector too.
     *
     * @param shard from 0
     * @param lost asked at least each second
     */
    void hold(int shard, BooleanSupplier lost) throws Exception;
  }

  /** Shards at most: each costs two calls of the API server every 5 s, and a list of the pods. */
  public static final int MAX_SHARDS = 64;

  static final Duration TERM = Duration.ofSeconds(15);

  private static final Logger LOG = LoggerFactory.getLogger(ShardLeases.class);
  private static final String SHARDS = "devops-copilot/shards";
  private static final String WANTED = "devops-copilot/wanted-by";

  private final ClusterClient client;
  private final String namespace;
  private final String name;
  private final String me;
  private final Duration term;
  private final List<Shard> shards = new ArrayList<>();
  private boolean reached;
  private String told = "";

  ShardLeases(
      ClusterClient client, String namespace, String name, int shards, String me, Duration term) {
    if (shards < 1 || shards > MAX_SHARDS) {
      throw new IllegalArgumentException("shards is " + shards + ", must be 1 to " + MAX_SHARDS);
    }
    if (!name.matches("[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")) {
      throw new IllegalArgumentException(
          "the name of the shards is " + name + ", must be 1 to 40 of a-z, 0-9 and -");
    }
    this.client = client;
    this.namespace = namespace;
    this.name = name;
    this.me = me;
    this.term = term;
    for (int i = 0; i < shards; i++) {
      this.shards.add(new Shard(i));
    }
  }

  /** What is known of a shard. */
  private static final class Shard {
    final int index;
    @Nullable V1Lease lease;
    String version = "";
    long changed;
    volatile long renewed;
    volatile boolean lost;
    @Nullable Thread thread;

    Shard(int index) {
      this.index = index;
    }

    /** Remembers when the Lease last changed, by this process's clock. */
    void saw(@Nullable V1Lease seen) {
      String now = "";
      if (seen != null && seen.getMetadata() != null) {
        now = String.valueOf(seen.getMetadata().getResourceVersion());
      }
      if (!now.equals(version)) {
        version = now;
        changed = System.nanoTime();
      }
      lease = seen;
    }

    String holder() {
      V1LeaseSpec spec = lease == null ? null : lease.getSpec();
      String holder = spec == null ? null : spec.getHolderIdentity();
      return holder == null ? "" : holder;
    }

    String note(String key) {
      V1ObjectMeta meta = lease == null ? null : lease.getMetadata();
      Map<String, String> notes = meta == null ? null : meta.getAnnotations();
      return notes == null ? "" : notes.getOrDefault(key, "");
    }
  }

  /** The shards that this collector works on now. Any thread may call it. */
  public synchronized int held() {
    return (int) shards.stream().filter(s -> s.thread != null).count();
  }

  /**
   * Takes shards and works on them until {@code stop} is open, then lets go of all.
   *
   * @throws CopilotException if the cluster refuses it, or collectors of this name run with another
   *     number of shards
   */
  public void run(Work work, CountDownLatch stop) throws InterruptedException {
    try {
      do {
        try {
          round(work);
          reached = true;
          told = "";
        } catch (ApiException e) {
          refused(e);
        }
      } while (!stop.await(term.toMillis() / 3, TimeUnit.MILLISECONDS));
    } finally {
      letGo();
    }
  }

  private void round(Work work) throws ApiException {
    for (Shard shard : shards) {
      shard.saw(client.lease(namespace, lease(shard)).orElse(null));
    }
    Map<String, Integer> counts = new HashMap<>();
    for (Shard shard : shards) {
      String owner = owner(shard);
      if (!owner.isEmpty()) {
        String number = shard.note(SHARDS);
        if (!owner.equals(me) && !number.equals(String.valueOf(shards.size()))) {
          throw new CopilotException(
              owner
                  + " collects as "
                  + name
                  + " with "
                  + number
                  + " shards, this one with "
                  + shards.size()
                  + ": stop all of that name before their number is changed");
        }
        counts.merge(owner, 1, Integer::sum);
      }
    }
    for (Shard shard : shards) {
      tend(shard, work, counts);
    }
    ask(counts);
  }

  /** Who has the shard; empty = free. */
  private String owner(Shard shard) {
    boolean stale = System.nanoTime() - shard.changed > term.toNanos();
    return stale && shard.thread == null ? "" : shard.holder();
  }

  private void tend(Shard shard, Work work, Map<String, Integer> counts) throws ApiException {
    Thread thread = shard.thread;
    if (thread == null) {
      String owner = owner(shard);
      if ((owner.isEmpty() || owner.equals(me)) && write(shard, me, "")) {
        begin(shard, work);
      }
    } else if (!shard.holder().equals(me)) {
      shard.lost = true; // somebody took it: this process slept for longer than the term
      if (!thread.isAlive()) {
        ended(shard);
      }
    } else {
      String wanted = shard.note(WANTED);
      int mine = counts.getOrDefault(me, 0);
      boolean give = !wanted.isEmpty() && mine - counts.getOrDefault(wanted, 0) >= 2;
      if (give) {
        shard.lost = true;
        counts.merge(me, -1, Integer::sum);
        counts.merge(wanted, 1, Integer::sum);
      }
      if (thread.isAlive()) {
        write(shard, me, shard.lost ? wanted : "");
      } else if (write(shard, shard.lost ? wanted : "", "")) {
        ended(shard);
      }
    }
  }

  /** Asks the one who holds most for a shard, if that is two more than this one holds. */
  private void ask(Map<String, Integer> counts) throws ApiException {
    int mine = held();
    Optional<Map.Entry<String, Integer>> most =
        counts.entrySet().stream()
            .filter(e -> !e.getKey().equals(me))
            .max(Map.Entry.comparingByValue());
    if (most.isEmpty() || most.get().getValue() - mine < 2) {
      return;
    }
    String other = most.get().getKey();
    if (shards.stream().anyMatch(s -> s.holder().equals(other) && s.note(WANTED).equals(me))) {
      return;
    }
    for (Shard shard : shards) {
      if (shard.holder().equals(other) && shard.note(WANTED).isEmpty()) {
        write(shard, other, me);
        return;
      }
    }
  }

  private void begin(Shard shard, Work work) {
    shard.lost = false;
    long patience = term.toNanos() * 2 / 3;
    BooleanSupplier lost = () -> shard.lost || System.nanoTime() - shard.renewed > patience;
    Thread thread =
        new Thread(
            () -> {
              try {
                work.hold(shard.index, lost);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              } catch (Exception e) {
                LOG.warn("shard {} is given up: {}", shard.index, e.getMessage());
              }
            },
            "copilot-shard-" + shard.index);
    thread.setDaemon(true);
    thread.start();
    set(shard, thread);
    LOG.info("shard {} of {} taken", shard.index, shards.size());
  }

  private void ended(Shard shard) {
    set(shard, null);
    LOG.info("shard {} of {} let go", shard.index, shards.size());
  }

  private synchronized void set(Shard shard, @Nullable Thread thread) {
    shard.thread = thread;
  }

  private String lease(Shard shard) {
    return "devops-copilot-" + name + "-" + shard.index;
  }

  /** Writes a Lease as it was last seen; false = somebody else was faster. */
  private boolean write(Shard shard, String holder, String wanted) throws ApiException {
    V1Lease lease = shard.lease;
    V1ObjectMeta meta = lease == null ? null : lease.getMetadata();
    V1LeaseSpec spec = lease == null ? null : lease.getSpec();
    boolean first = meta == null;
    if (meta == null) {
      meta = new V1ObjectMeta().name(lease(shard)).namespace(namespace);
    }
    if (spec == null) {
      spec = new V1LeaseSpec().leaseTransitions(0);
    }
    meta.putAnnotationsItem(WANTED, wanted);
    if (!wanted.equals(me)) { // whoever only asks for it renews nothing
      meta.putAnnotationsItem(SHARDS, String.valueOf(shards.size()));
      OffsetDateTime now = OffsetDateTime.now(ZoneOffset.UTC);
      if (!holder.equals(spec.getHolderIdentity())) {
        Integer before = spec.getLeaseTransitions();
        spec.leaseTransitions(before == null ? 1 : before + 1).acquireTime(now);
      }
      spec.holderIdentity(holder.isEmpty() ? null : holder)
          .leaseDurationSeconds((int) Math.max(1, term.toSeconds()))
          .renewTime(now);
    }
    V1Lease next = new V1Lease().metadata(meta).spec(spec);
    long asked = System.nanoTime();
    try {
      shard.saw(
          first
              ? client.createLease(namespace, next)
              : client.replaceLease(namespace, lease(shard), next));
    } catch (ApiException e) {
      if (e.getCode() == 409 || !first && e.getCode() == 404) {
        return false;
      }
      throw e;
    }
    if (holder.equals(me)) {
      shard.renewed = asked;
    }
    return true;
  }

  private void letGo() throws InterruptedException {
    shards.forEach(s -> s.lost = true);
    long end = System.nanoTime() + term.toNanos();
    for (Shard shard : shards) {
      Thread thread = shard.thread;
      if (thread == null) {
        continue;
      }
      thread.join(Math.max(1, (end - System.nanoTime()) / 1_000_000));
      try {
        shard.saw(client.lease(namespace, lease(shard)).orElse(null));
        if (!thread.isAlive() && shard.holder().equals(me)) {
          write(shard, "", "");
        }
      } catch (ApiException e) {
        LOG.warn("shard {} stays taken for {}: {}", shard.index, term, e.getMessage());
      }
      ended(shard);
    }
  }

  private void refused(ApiException e) {
    if (e.getCode() == 401) {
      client.renew();
    }
    String what =
        switch (e.getCode()) {
          case 401 ->
              "the cluster does not accept the credentials (401): log in again, or renew the token";
          case 403 ->
              "the cluster forbids it (403): grant the verbs get, create and update on leases"
                  + " (coordination.k8s.io) in namespace "
                  + namespace;
          case 404 -> "there is no namespace " + namespace;
          default ->
              "the cluster does not answer: "
                  + (e.getCode() == 0 ? String.valueOf(e.getCause()) : "status " + e.getCode());
        };
    boolean lasting = e.getCode() == 401 || e.getCode() == 403 || e.getCode() == 404;
    if (!reached && lasting) {
      throw new CopilotException(what, e);
    }
    if (!what.equals(told)) {
      told = what;
      LOG.warn("{}", what);
    }
  }
}
