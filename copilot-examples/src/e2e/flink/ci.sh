#!/usr/bin/env bash
# Runs the packaged job on a real Flink cluster and a real Kafka broker and lets their parts die.
# Exit 77 = no servers could be had: skipped, loudly.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd); cd "$here/../../../.."
if ! out=$("$here/start.sh"); then
  echo "SKIPPED: no real Flink and Kafka on this machine: their tests did not run (see above)" >&2; exit 77
fi
trap '"$here/stop.sh"' EXIT
eval "$out"
[ -f copilot-flink/target/copilot-flink-*-job.jar ] || mvn -q -B -pl copilot-flink -am -DskipTests package
timeout 840 mvn -q -B -pl copilot-flink -am test -Dtest="${1:-RealClusterTest}" -Dsurefire.failIfNoSpecifiedTests=false \
  "-Dcopilot.kafka=$KAFKA" "-Dcopilot.flink=$FLINK" "-Dcopilot.rig=$RIG" "-Dcopilot.servers=$here/servers.sh" \
  "-Dcopilot.job=$(ls "$PWD"/copilot-flink/target/copilot-flink-*-job.jar)"
cat "$RIG/report.txt"

# The collector as a producer: killed in the midst of the lines, started again; the topic has each line once.
jar=copilot-examples/target/copilot.jar
[ -f "$jar" ] || mvn -q -B -pl copilot-examples -am -DskipTests package
seq -f 'INFO numbered line %.0f' 400000 > "$RIG/numbered.log"
to=(collect --to "kafka=$KAFKA/collected" --name ci)
java -jar "$jar" "${to[@]}" --follow "$RIG/numbered.log" > "$RIG/collect.log" 2>&1 & collector=$!
for _ in $(seq 300); do grep -E '^[1-9][0-9,]* lines' "$RIG/collect.log" > /dev/null && break; sleep 0.1; done
kill -KILL "$collector"
wait "$collector" 2>/dev/null || true
timeout 120 java -jar "$jar" "${to[@]}" "$RIG/numbered.log" > "$RIG/collect-again.log" 2>&1
CONSUMER="java -cp $(dirname "$RIG")/kafka/* org.apache.kafka.tools.consumer.ConsoleConsumer"
$CONSUMER --bootstrap-server "$KAFKA" --topic collected --from-beginning --isolation-level read_committed \
  --timeout-ms 8000 > "$RIG/collected.txt" 2> /dev/null || true
first=$(tail -n 1 "$RIG/collect.log"); total=$(wc -l < "$RIG/collected.txt"); once=$(sort -u "$RIG/collected.txt" | wc -l)
echo "collector killed at: $first; then: $total lines in the topic, $once of them different, of 400000"
[ "$total" = 400000 ] && [ "$once" = 400000 ] || { echo "FAILED: lines lost or doubled" >&2; exit 1; }
echo "flink: all faults passed on real servers"
