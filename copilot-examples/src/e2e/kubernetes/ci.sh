#!/usr/bin/env bash
# On a real node: the packaged app collects while it, the API server, the kubelet and containers are killed; every line must
# be stored once. Then the server follows the same pods. Exit 77 = no node could be had, or it is too slow: skipped, loudly.
. "$(dirname "${BASH_SOURCE[0]}")/node.sh"
jar=$(cd "$here/../../.." && pwd)/target/copilot.jar
work=$(mktemp -d)
app=""
clean() { [ -z "$app" ] || kill -9 "$app" 2>/dev/null || true; "$here/stop.sh"; rm -rf "$work"; }
trap clean EXIT
"$here/start.sh" >/dev/null || skip "no real Kubernetes on this machine: its tests did not run (see above)"

# Reads all of its input: grep -q would break the pipe of whoever still writes.
has() { grep "$@" >/dev/null; }
collect() { java -Xmx256m -jar "$jar" collect --kubeconfig "$kubeconfig" --context one-node --namespace podlogs --db "$work/logs.duckdb" 2>>"$work/collect.log" & app=$!; }
crash() { kill -9 "$app"; wait "$app" 2>/dev/null || true; app=""; }
stored() { tail -n 1 "$work/collect.log" | has "^[1-9][0-9,]* lines stored"; }

again() { "$here/start.sh" >/dev/null || skip "the $1 did not come back in time"; }
running() { k -n podlogs wait --for=condition=Available --timeout=1s deployment/producer; }

k apply -f "$here/producer.yaml" >/dev/null
late=77 until_true 300 "the pods run" running
collect
until_true 300 "lines are stored" stored
for _ in 1 2 3; do sleep 5; crash; collect; done
sleep 8
note "killing the API server"; read -r pid _ <"$state/run/apiserver"; kill -9 "$pid"; sleep 2; again "API server"
sleep 6
note "killing the kubelet"; read -r pid _ <"$state/run/kubelet"; kill -9 "$pid"; sleep 3; again kubelet
sleep 6
note "killing a container" # its first process, from outside: a container's own kill spares it
id=$(k -n podlogs get pods -l app=producer -o 'jsonpath={.items[0].status.containerStatuses[0].containerID}')
ctr task kill -s KILL "${id#containerd://}" >/dev/null || { note "the container could not be killed"; exit 1; }
sleep 10
crash
# A slow machine needs several lives until it has read enough; what it has read must be right in each.
for _ in 1 2 3 4 5 6 7 8 9 10; do
  collect; sleep 12
  kill "$app"; wait "$app" || [ $? = 143 ] || { cat "$work/collect.log" >&2; exit 1; }
  app=""
  status=0; java -jar "$jar" export --db "$work/logs.duckdb" | python3 "$here/oracle.py" >"$work/oracle" || status=$?
  [ "$status" = 3 ] || break
done
grep -v "lines stored" "$work/collect.log" | tail -n 5 >&2 || true
cat "$work/oracle"
[ "$status" != 3 ] || skip "this machine is too slow: too few lines in 10 lives"
[ "$status" = 0 ] || { note "wrong lines"; exit 1; }

note "the server follows the cluster"
java -jar "$jar" serve --port 18080 --data-dir "$work/data" --kubeconfig "$kubeconfig" --context one-node --namespace podlogs 2>"$work/serve.log" & app=$!
# Not simply the newest record: while a pod waits to be started anew that is an event.
followed() { curl -fs "http://127.0.0.1:18080/records?service=producer&text=of%2030000&limit=1" | has '"message":"\(line\|note\)'; }
until_true 300 "the server shows the pods' lines" followed
broke() { curl -fs "http://127.0.0.1:18080/records?text=it%20broke" | has '"severity":"ERROR"'; }
until_true 300 "the short pod's error is there" broke
kill "$app"; wait "$app" || true; app=""
"$here/issues.sh"
"$here/failures.sh" || [ $? = 77 ]
note "passed: every line stored once, over kill -9 of collector, API server and kubelet"
