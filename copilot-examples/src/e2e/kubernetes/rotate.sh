#!/usr/bin/env bash
# The peers' run: one pod, two containers of 540 lines/s with long lines, kill -9 of the collectors (15), the API server (3),
# the kubelet (2) and a container (3) at times drawn from SEED (1) within SECONDS_LONG (240); files rotate at LOG_MAX_SIZE
# (256Ki). The same pod is collected over the API and from the node's files. KEEP=DIR keeps logs and exports. Exit 77 = no node.
export LOG_MAX_SIZE=${LOG_MAX_SIZE:-256Ki}
. "$(dirname "${BASH_SOURCE[0]}")/node.sh"
jar=$(cd "$here/../../.." && pwd)/target/copilot.jar
long=${SECONDS_LONG:-240} kills=${KILLS:-15}
work=${KEEP:-$(mktemp -d)}
mkdir -p "$work"
RANDOM=${SEED:-1}
declare -A app=()
clean() { for p in "${app[@]}"; do kill -9 "$p" 2>/dev/null || true; done; k delete namespace rotate --wait=false >/dev/null 2>&1 || true; "$here/stop.sh"; [ -n "${KEEP:-}" ] || rm -rf "$work"; }
if ! "$here/start.sh" >/dev/null; then skip "no real Kubernetes on this machine: rotation was not tried"; fi
trap clean EXIT
collect() { # WAY
  case $1 in
    api) java -Xmx256m -jar "$jar" collect --kubeconfig "$kubeconfig" --context one-node --namespace rotate --db "$work/api.duckdb" 2>>"$work/api.log" & ;;
    node) java -Xmx256m -jar "$jar" collect --follow --db "$work/node.duckdb" "$state/pods" 2>>"$work/node.log" & ;;
  esac
  app[$1]=$!
}
crash() { kill -9 "${app[$1]}" 2>/dev/null || true; wait "${app[$1]}" 2>/dev/null || true; }
restart() { read -r pid _ <"$state/run/$1"; kill -9 "$pid"; sleep "$2"; "$here/start.sh" >/dev/null; }
container() { # NAME: kills its first process from outside
  local id; id=$(k -n rotate get pod writer -o "jsonpath={.status.containerStatuses[?(@.name==\"$1\")].containerID}")
  ctr task kill -s KILL "${id#containerd://}" >/dev/null || note "container $1 could not be killed"
}
k apply -f "$here/rotate.yaml" >/dev/null
collect api; collect node
begin=$SECONDS faults=(apiserver alpha kubelet apiserver alpha kubelet apiserver alpha) f=0
n=0
for at in $(for _ in $(seq "$kills"); do echo $((2 + RANDOM * (long - 12) / 32768)); done | sort -n); do
  n=$((n + 1))
  until [ $((SECONDS - begin)) -ge "$at" ]; do sleep 0.2; done
  way=$([ $((n % 2)) = 0 ] && echo api || echo node)
  for w in $([ "$kills" -lt 10 ] && echo api node || echo "$way"); do crash "$w"; collect "$w"; done
  if [ $((n % 2)) = 0 ] && [ $f -lt ${#faults[@]} ]; then
    case ${faults[$f]} in alpha) container alpha ;; *) restart "${faults[$f]}" 1 ;; esac
    note "killed ${faults[$f]} at $((SECONDS - begin)) s"; f=$((f + 1))
  fi
done
until [ $((SECONDS - begin)) -ge "$long" ]; do sleep 0.2; done
k -n rotate delete pod writer --wait=false >/dev/null
sleep 8
for w in api node; do
  kill "${app[$w]}"; wait "${app[$w]}" || true
  java -jar "$jar" export --db "$work/$w.duckdb" >"$work/$w.jsonl"
  note "$w: $(tail -n 1 "$work/$w.log")"
done
grep -hv "lines stored" "$work"/*.log | cut -c1-200 | sort | uniq -c | sort -rn | head -n 12 >&2 || true
python3 "$here/rotate.py" "$work/api.jsonl" "$work/node.jsonl" "$(grep -c "may be lost" "$work/api.log" || true)" "${1:-}"
note "passed: rotation at $LOG_MAX_SIZE"
