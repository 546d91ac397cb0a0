#!/usr/bin/env bash
# The servers of this folder, one function each: sourced by start.sh and stop.sh, or run by a test as
# servers.sh FUNCTION ARGUMENTS. State of each is in $rig/NAME. Ports: FLINK_REST_PORT (18081),
# KAFKA_PORT (19092), and 18082, 19093, 12181 on this machine only.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
server=flink
. "$here/../local-server.sh"
flink_version=2.3.0
home=$cache/flink-$flink_version
rig=$home/rig
rest=${FLINK_REST_PORT:-18081} broker=${KAFKA_PORT:-19092}
opens=""
for p in java.lang java.net java.io java.nio java.lang.reflect java.text java.time java.util java.util.concurrent \
  java.util.concurrent.atomic java.util.concurrent.locks sun.nio.ch sun.net.util; do
  opens+=" --add-opens=java.base/$p=ALL-UNNAMED"
done
opens+=" --add-exports=java.base/sun.net.util=ALL-UNNAMED"

at() { server=$1 state=$rig/$1; mkdir -p "$state"; }
flink_jars() { printf '%s:' "$home"/flink/pyflink/lib/flink-dist-*.jar "$home"/flink/pyflink/lib/flink-connector-files-*.jar "$home"/flink/pyflink/lib/log4j-*.jar; }

# Flags and properties of a process of Flink, by its own calculation.
sizes() {
  FLINK_CONF_DIR=$rig/conf java -cp "$home/flink/pyflink/bin/bash-java-utils.jar:$(flink_jars)" \
    org.apache.flink.runtime.util.bash.BashJavaUtils "$1" --configDir "$rig/conf" 2>/dev/null |
    sed -n 's/^BASH_JAVA_UTILS_EXEC_RESULT://p'
}

zookeeper() {
  at zookeeper; running && return
  printf 'clientPort=12181\nclientPortAddress=127.0.0.1\ndataDir=%s/data\ntickTime=2000\nadmin.enableServer=false\n' "$state" > "$state/zoo.cfg"
  launch 12181 java -Xmx128m -cp "$(flink_jars)" \
    org.apache.flink.shaded.zookeeper3.org.apache.zookeeper.server.ZooKeeperServerMain "$state/zoo.cfg"
}

kafka() {
  at kafka; running && return
  if [ ! -d "$home/kafka" ]; then
    require mvn 'install Maven'
    note "installing a Kafka broker (54 MB)"
    rm -rf "$home/kafka.part"
    timeout 600 mvn -q -B -f "$here/kafka/pom.xml" dependency:copy-dependencies "-DoutputDirectory=$home/kafka.part" >&2 ||
      fail 'Maven can not fetch Kafka'
    mv "$home/kafka.part" "$home/kafka"
  fi
  if [ ! -f "$state/server.properties" ]; then
    cat > "$state/server.properties" <<CONF
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:19093
listeners=PLAINTEXT://127.0.0.1:$broker,CONTROLLER://127.0.0.1:19093
advertised.listeners=PLAINTEXT://127.0.0.1:$broker,CONTROLLER://127.0.0.1:19093
controller.listener.names=CONTROLLER
log.dirs=$state/data
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
# Few, so that a broker that was killed is soon back.
offsets.topic.num.partitions=4
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
# Lines keep the time they were written at, however long ago that was.
log.retention.ms=-1
message.max.bytes=33554432
CONF
    java -cp "$home/kafka/*" kafka.tools.StorageTool format --standalone -t Q29waWxvdC1lMmUtcmlnMA \
      -c "$state/server.properties" > "$state/format.log" 2>&1 || { cat "$state/format.log" >&2; fail "kafka can not format its folder"; }
  fi
  launch "$broker" java -Xmx512m -cp "$home/kafka/*" kafka.Kafka "$state/server.properties"
  local end=$((SECONDS + 120))
  until (exec 3<> "/dev/tcp/127.0.0.1/$broker") 2>/dev/null; do
    running || { tail -n 15 "$state/log" >&2; fail "the broker ended at once"; }
    [ "$SECONDS" -lt "$end" ] || fail "the broker does not listen after 120 s, see $state/log"
    sleep 0.2
  done
}

jobmanager() {
  at jobmanager; running && return
  local flags properties
  { read -r flags; read -r properties; } < <(sizes GET_JM_RESOURCE_PARAMS)
  # shellcheck disable=SC2086
  FLINK_CONF_DIR=$rig/conf launch "$rest" java $flags $opens "-Dlog4j.configurationFile=$rig/conf/log4j.properties" -cp "$(flink_jars)" \
    org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint --configDir "$rig/conf" $properties
}

# taskmanager NUMBER
taskmanager() {
  at "taskmanager-$1"; running && return
  local flags properties
  { read -r flags; read -r properties; } < <(sizes GET_TM_RESOURCE_PARAMS)
  # shellcheck disable=SC2086
  FLINK_CONF_DIR=$rig/conf launch 0 java $flags $opens "-Dlog4j.configurationFile=$rig/conf/log4j.properties" -cp "$(flink_jars)" \
    org.apache.flink.runtime.taskexecutor.TaskManagerRunner --configDir "$rig/conf" $properties
}

# kill9 NAME: ends one of our own servers as a crash would.
kill9() { at "$1"; running || fail "$1 does not run"; kill -KILL "$pid"; rm -f "$state/process"; }

end() { at "$1"; halt; }

# committed TOPIC MILLISECONDS [OPTION...]: prints the committed records; so long a silence is the end.
committed() {
  java -Xmx256m -cp "$home/kafka/*" org.apache.kafka.tools.consumer.ConsoleConsumer --bootstrap-server "127.0.0.1:$broker" \
    --topic "$1" --from-beginning --isolation-level read_committed --timeout-ms "$2" "${@:3}" 2>/dev/null || true
}

halt_all() { for s in taskmanager-1 taskmanager-2 jobmanager kafka zookeeper; do end "$s"; done; }

configure() {
  mkdir -p "$rig/conf"
  cat > "$rig/conf/config.yaml" <<CONF
jobmanager.rpc.address: 127.0.0.1
jobmanager.rpc.port: 18082
jobmanager.bind-host: 127.0.0.1
jobmanager.memory.process.size: 1024m
taskmanager.bind-host: 127.0.0.1
taskmanager.host: 127.0.0.1
taskmanager.numberOfTaskSlots: 2
taskmanager.load-balance.mode: SLOTS
taskmanager.memory.process.size: 1536m
taskmanager.memory.managed.size: 16m
rest.address: 127.0.0.1
rest.bind-address: 127.0.0.1
rest.port: $rest
parallelism.default: 2
high-availability.type: zookeeper
high-availability.zookeeper.quorum: 127.0.0.1:12181
high-availability.storageDir: file://$rig/ha
high-availability.jobmanager.port: 18082
high-availability.zookeeper.client.session-timeout: 8000
high-availability.zookeeper.client.connection-timeout: 5000
state.backend.type: hashmap
execution.checkpointing.interval: 2s
execution.checkpointing.timeout: 60s
execution.checkpointing.tolerable-failed-checkpoints: 100
execution.checkpointing.dir: file://$rig/checkpoints
execution.checkpointing.savepoint-dir: file://$rig/savepoints
restart-strategy.type: fixed-delay
restart-strategy.fixed-delay.attempts: 1000
restart-strategy.fixed-delay.delay: 1s
heartbeat.interval: 1000
heartbeat.timeout: 6000
CONF
  cat > "$rig/conf/log4j.properties" <<'CONF'
rootLogger.level = INFO
rootLogger.appenderRef.console.ref = console
appender.console.name = console
appender.console.type = CONSOLE
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %p %c{1} %m%n
CONF
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then "$@"; fi
