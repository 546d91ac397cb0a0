#!/usr/bin/env bash
# submit.sh [OPTION...]: makes the topics and hands the packaged job, with the options of docs/scale.md, to the cluster that
# start.sh started. Prints the job's id.
set -euo pipefail
. "$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/servers.sh"
require curl 'install curl'
jar=$(ls "$here"/../../../../copilot-flink/target/copilot-flink-*-job.jar) || fail "build it: mvn -q package -DskipTests"
topic() {
  java -Xmx128m -cp "$home/kafka/*" org.apache.kafka.tools.TopicCommand --bootstrap-server "127.0.0.1:$broker" --create --if-not-exists \
    --topic "$1" --partitions "$2" > /dev/null 2>&1 || fail "the topic $1 can't be made"
}
topic logs 4; topic verdicts 4; topic issues 1; topic refused 1; topic copilot-control 1
field() { python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }
name=$(curl -fsS -F "jarfile=@$jar" "http://127.0.0.1:$rest/jars/upload" | field filename)
python3 -c 'import json, sys; print(json.dumps({"programArgsList": sys.argv[1:]}))' --brokers "127.0.0.1:$broker" "$@" |
  curl -fsS -H 'Content-Type: application/json' -d @- "http://127.0.0.1:$rest/jars/$(basename "$name")/run" | field jobid
