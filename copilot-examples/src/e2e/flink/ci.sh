#!/usr/bin/env bash
# Runs the packaged job on a real Flink cluster and a real Kafka broker and lets their parts die.
# ci.sh RealClusterTest measures throughput and state too (ten minutes more). Exit 77 = no servers could be had: skipped, loudly.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd); cd "$here/../../../.."
if ! out=$("$here/start.sh"); then
  echo "SKIPPED: no real Flink and Kafka on this machine: their tests did not run (see above)" >&2; exit 77
fi
trap '"$here/stop.sh"' EXIT
eval "$out"
[ -f copilot-flink/target/copilot-flink-*-job.jar ] || mvn -q -B -pl copilot-flink -am -DskipTests package
timeout 840 mvn -q -B -pl copilot-flink -am test -Dtest="${1:-RealClusterTest#losesAndDoublesNothingWhenPartsDie}" -Dsurefire.failIfNoSpecifiedTests=false \
  "-Dcopilot.kafka=$KAFKA" "-Dcopilot.flink=$FLINK" "-Dcopilot.rig=$RIG" "-Dcopilot.servers=$here/servers.sh" \
  "-Dcopilot.job=$(ls "$PWD"/copilot-flink/target/copilot-flink-*-job.jar)"
cat "$RIG/report.txt"
echo "flink: all faults passed on real servers"
