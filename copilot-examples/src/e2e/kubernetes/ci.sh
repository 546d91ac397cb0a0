#!/usr/bin/env bash
# On a real node: the packaged app collects while it, the API server, the kubelet and containers are killed; every line must
# be stored once. Then the server follows the same pods. Exit 77 = no node could be had: skipped, loudly.
. "$(dirname "${BASH_SOURCE[0]}")/node.sh"
jar=$(cd "$here/../../.." && pwd)/target/copilot.jar
work=$(mktemp -d)
app=""
clean() { [ -z "$app" ] || kill -9 "$app" 2>/dev/null || true; "$here/stop.sh"; rm -rf "$work"; }
if ! "$here/start.sh" >/dev/null; then skip "no real Kubernetes on this machine: its tests did not run (see above)"; fi
trap clean EXIT

# Reads all of its input: grep -q would break the pipe of whoever still writes.
has() { grep "$@" >/dev/null; }
collect() { java -Xmx256m -jar "$jar" collect --kubeconfig "$kubeconfig" --context one-node --namespace podlogs --db "$work/logs.duckdb" 2>>"$work/collect.log" & app=$!; }
crash() { kill -9 "$app"; wait "$app" 2>/dev/null || true; app=""; }
stored() { tail -n 1 "$work/collect.log" | has "^[1-9][0-9,]* lines stored"; }

collect
sleep 3
k apply -f "$here/producer.yaml" >/dev/null
until_true 60 "lines are stored" stored
for _ in 1 2 3; do sleep 5; crash; collect; done
sleep 8
note "killing the API server"; read -r pid _ <"$state/run/apiserver"; kill -9 "$pid"; sleep 2; "$here/start.sh" >/dev/null
sleep 6
note "killing the kubelet"; read -r pid _ <"$state/run/kubelet"; kill -9 "$pid"; sleep 3; "$here/start.sh" >/dev/null
sleep 6
note "killing a container"; pod=$(k -n podlogs get pods -l app=producer -o 'jsonpath={.items[0].metadata.name}')
k -n podlogs exec "$pod" -- kill -9 1 2>/dev/null || k -n podlogs exec "$pod" -- sh -c 'kill -9 -1' 2>/dev/null || true
sleep 10
crash; collect; sleep 10
kill "$app"; wait "$app" || [ $? = 143 ] || { cat "$work/collect.log" >&2; exit 1; }
app=""
grep -v "lines stored" "$work/collect.log" | tail -n 5 >&2 || true
java -jar "$jar" export --db "$work/logs.duckdb" | python3 "$here/oracle.py"

note "the server follows the cluster"
java -jar "$jar" serve --port 18080 --data-dir "$work/data" --kubeconfig "$kubeconfig" --context one-node --namespace podlogs 2>"$work/serve.log" & app=$!
followed() { curl -fs "http://127.0.0.1:18080/records?service=producer&limit=1" | has '"message":"\(line\|note\)'; }
until_true 60 "the server shows the pods' lines" followed
curl -fs "http://127.0.0.1:18080/records?text=it%20broke" | has '"severity":"ERROR"' || { note "the short pod's error is not there"; exit 1; }
kill "$app"; wait "$app" || true; app=""
"$here/issues.sh"
note "passed: every line stored once, over kill -9 of collector, API server and kubelet"
