#!/usr/bin/env bash
# The peers' run: one pod, two containers of 540 lines/s with long lines, kill -9 of the collectors (15), the API server (3),
# the kubelet (2) and a container (3) at times drawn from SEED (1) within SECONDS_LONG (240), or longer where the machine is
# slow; files rotate at LOG_MAX_SIZE (256Ki). The same pod is collected over the API and from the node's files.
# KEEP=DIR keeps logs and exports. Exit 77 = no node.
export LOG_MAX_SIZE=${LOG_MAX_SIZE:-256Ki}
. "$(dirname "${BASH_SOURCE[0]}")/node.sh"
jar=$(cd "$here/../../.." && pwd)/target/copilot.jar
long=${SECONDS_LONG:-240} kills=${KILLS:-15}
work=${KEEP:-$(mktemp -d)}
mkdir -p "$work"
RANDOM=${SEED:-1}
declare -A app=() life=([api]=0 [node]=0)
clean() { for p in "${app[@]}"; do kill -9 "$p" 2>/dev/null || true; done; k delete namespace rotate --wait=false >/dev/null 2>&1 || true; "$here/stop.sh"; [ -n "${KEEP:-}" ] || rm -rf "$work"; }
trap clean EXIT
"$here/start.sh" >/dev/null || skip "no real Kubernetes on this machine: rotation was not tried"
collect() { # WAY
  life[$1]=$((${life[$1]} + 1))
  case $1 in
    api) java -Xmx256m -jar "$jar" collect --kubeconfig "$kubeconfig" --context one-node --namespace rotate --db "$work/api.duckdb" 2>"$work/api.${life[api]}.log" & ;;
    node) java -Xmx256m -jar "$jar" collect --follow --db "$work/node.duckdb" "$state/pods" 2>"$work/node.${life[node]}.log" & ;;
  esac
  app[$1]=$!
}
stores() { grep "^[1-9][0-9,]* lines stored" "$work/$1.${life[$1]}.log"; }
crash() { # WAY: one life in four may end before it has stored anything
  [ $((RANDOM % 4)) = 0 ] || until_true 120 "$1 stores lines" stores "$1"
  kill -9 "${app[$1]}" 2>/dev/null || true; wait "${app[$1]}" 2>/dev/null || true
}
break_it() { # WHAT
  case $1 in
    alpha) # its first process, from outside
      local id; id=$(k -n rotate get pod writer -o 'jsonpath={.status.containerStatuses[?(@.name=="alpha")].containerID}')
      ctr task kill -s KILL "${id#containerd://}" >/dev/null || note "alpha could not be killed" ;;
    *) read -r pid _ <"$state/run/$1"; kill -9 "$pid"; sleep 1; "$here/start.sh" >/dev/null || skip "the $1 did not come back in time" ;;
  esac
  note "killed $1 at $((SECONDS - begin)) s"
}
k apply -f "$here/rotate.yaml" >/dev/null
running() { k -n rotate wait --for=condition=Ready --timeout=1s pod/writer; }
late=77 until_true 300 "the writer runs" running
collect api; collect node
begin=$SECONDS
draw() { local what; for what in "$@"; do echo "$((5 + RANDOM * (long - 20) / 32768)) $what"; done; }
# In this shell, so that the numbers go on.
draw $(for n in $(seq "$kills"); do [ $((n % 2)) = 0 ] && echo api || echo node; done) >"$work/plan"
draw apiserver alpha kubelet apiserver alpha kubelet apiserver alpha >>"$work/plan"
while read -r at what; do
  until [ $((SECONDS - begin)) -ge "$at" ]; do sleep 0.2; done
  case $what in api | node) crash "$what"; collect "$what" ;; *) break_it "$what" ;; esac
done < <(sort -n "$work/plan")
until [ $((SECONDS - begin)) -ge "$long" ]; do sleep 0.2; done
until_true 120 "the writers stop" k -n rotate exec writer -c alpha -- touch /tmp/stop
until_true 120 "the writers stop" k -n rotate exec writer -c beta -- touch /tmp/stop
sleep 5
for w in api node; do
  until_true 300 "$w has nothing left to store" still "$work/$w.${life[$w]}.log"
  kill "${app[$w]}"; wait "${app[$w]}" || true
  java -jar "$jar" export --db "$work/$w.duckdb" >"$work/$w.jsonl"
  note "$w: $(tail -n 1 "$work/$w.${life[$w]}.log")"
done
cat "$work"/*.log | grep -v "lines stored" | cut -c1-200 | sort | uniq -c | sort -rn | head -n 12 >&2 || true
told=$(cat "$work"/api.*.log | grep -c "may be lost" || true)
python3 "$here/rotate.py" "$work/api.jsonl" "$work/node.jsonl" "$told"
note "passed: rotation at $LOG_MAX_SIZE"
