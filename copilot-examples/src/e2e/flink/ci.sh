#!/usr/bin/env bash
# Runs the packaged job and the packaged collector on a real Flink cluster and a real Kafka broker and lets their parts die.
# Fails when lines are lost, doubled or wrong. Exit 77 = no servers, or not in time: skipped, loudly.
# ci.sh RealClusterTest#measuresThroughputAndState measures instead, and takes its time.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd); cd "$here/../../../.."
test=${1:-RealClusterTest#losesAndDoublesNothingWhenPartsDie+saysOfScenariosWhatTheSingleProcessSays}
limit=$((SECONDS + 480)) # 3 to 4 min where the machine is quiet
skip() { echo "SKIPPED: $*: not all of the tests of Flink and Kafka ran" >&2; exit 77; }
# within SECONDS COMMAND...: 124 = it took too long, or there was not so much time.
within() { local left=$((limit - SECONDS)); [ "$left" -gt 0 ] || return 124; timeout $((left < $1 ? left : $1)) "${@:2}"; }

trap '"$here/stop.sh" 2>/dev/null' EXIT
out=$(within 240 "$here/start.sh") || skip "no real Flink and Kafka on this machine (see above)"
eval "$out"
job=$(ls "$PWD"/copilot-flink/target/copilot-flink-*-job.jar 2>/dev/null) && [ -f copilot-examples/target/copilot.jar ] || {
  mvn -q -B -pl copilot-flink,copilot-examples -am -DskipTests package
  job=$(ls "$PWD"/copilot-flink/target/copilot-flink-*-job.jar)
}
scenarios=$RIG/scenarios
java -Xmx256m -jar copilot-examples/target/copilot.jar scenarios --part ALL --repeats 1 --out "$scenarios" 2>/dev/null
[ -z "${1:-}" ] || limit=$((SECONDS + 1800))
status=0
within 1800 mvn -q -B -pl copilot-flink -am test -Dtest="$test" -Dsurefire.failIfNoSpecifiedTests=false \
  "-Dcopilot.kafka=$KAFKA" "-Dcopilot.flink=$FLINK" "-Dcopilot.rig=$RIG" "-Dcopilot.servers=$here/servers.sh" \
  "-Dcopilot.job=$job" "-Dcopilot.scenarios=$scenarios" || status=$?
cat "$RIG/report.txt" 2>/dev/null || true
[ "$status" != 124 ] || skip "the job took too long"
[ "$status" = 0 ] || exit 1
[ -z "${1:-}" ] || exit 0
grep '^all lines once' "$RIG/report.txt" >/dev/null && grep '^scenarios: ' "$RIG/report.txt" >/dev/null || skip "a step of the job took too long"
within 240 "$here/collect.sh" || status=$?
[ "$status" != 124 ] && [ "$status" != 77 ] || skip "the collector took too long"
[ "$status" = 0 ] || exit 1
echo "flink: all faults passed on real servers"
