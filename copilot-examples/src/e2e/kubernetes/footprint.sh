#!/usr/bin/env bash
# Processor time in percent of a core over SECONDS_LONG (60) while PODS (20) pods print RATE (50) lines/s each: of whoever reads,
# the API server, the kubelet and containerd, where nobody reads, kubectl follows, and the collector works in API mode and in node
# mode. The collector is measured from its first stored line on, and again WARM (120) s later, when its code is compiled.
# THREADS=1 adds the threads that used the most. Exit 77 = no node.
. "$(dirname "${BASH_SOURCE[0]}")/node.sh"
jar=$(cd "$here/../../.." && pwd)/target/copilot.jar
long=${SECONDS_LONG:-60} pods=${PODS:-20} rate=${RATE:-50}
work=$(mktemp -d)
app=""
finish_app() { [ -z "$app" ] || { kill "$app" 2>/dev/null || true; wait "$app" 2>/dev/null || true; app=""; }; }
clean() { finish_app; k delete namespace load --wait=false >/dev/null 2>&1 || true; "$here/stop.sh"; rm -rf "$work"; }
trap clean EXIT
"$here/start.sh" >/dev/null || skip "no real Kubernetes on this machine: nothing was measured"
ticks() { [ -z "$1" ] && echo 0 || sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'; }
threads() { sed 's/^[0-9]* (\(.*\)) . /\1\t/' "/proc/$1"/task/*/stat 2>/dev/null | awk -F'\t' '{ split($2, f, " "); sum[$1] += f[11] + f[12] } END { for (n in sum) print n "\t" sum[n] }' | sort; }
pid_of() { read -r pid _ <"$state/run/$1"; echo "$pid"; }
measure() { # NAME [LOG]
  local of=("$app" "$(pid_of apiserver)" "$(pid_of kubelet)" "$(pid_of containerd)") before=() i shown="" memory=-
  for i in 0 1 2 3; do before[i]=$(ticks "${of[$i]}"); done
  [ -z "$app" ] || threads "$app" >"$work/threads"
  sleep "$long"
  for i in 0 1 2 3; do
    shown="$shown $(awk -v d="$(($(ticks "${of[$i]}") - before[i]))" -v s="$long" -v h="$(getconf CLK_TCK)" 'BEGIN { printf "%.1f", 100 * d / h / s }')"
  done
  [ -z "$app" ] || memory=$(awk '/^VmRSS/ { printf "%d", $2 / 1024 }' "/proc/$app/status")
  echo "$1: reader, API server, kubelet, containerd, % of a core:$shown; resident $memory MiB${2:+; $(tail -n 1 "$2")}"
  [ -z "${THREADS:-}" ] || [ -z "$app" ] || join -t "$(printf '\t')" -a 1 -e 0 -o 0,1.2,2.2 <(threads "$app") "$work/threads" |
    awk -F'\t' -v s="$long" -v h="$(getconf CLK_TCK)" '{ printf "  %.1f %s\n", 100 * ($2 - $3) / h / s, $1 }' | sort -rn | head -n 8
}
stores() { grep -q "^[1-9][0-9,]* lines stored" "$1"; }
collect() { # NAME ARGUMENTS...
  local name=$1; shift
  java -Xmx256m -jar "$jar" collect --db "$work/$name.duckdb" "$@" 2>"$work/$name.log" & app=$!
  until_true 300 "the $name mode stores lines" stores "$work/$name.log"
  measure "$name mode, from its start" "$work/$name.log"
  sleep "${WARM:-120}"
  measure "$name mode, ${WARM:-120} s later" "$work/$name.log"
  finish_app
}
load "$pods" "$rate"
sleep 15
measure "nobody"
"$bin/kubectl" --kubeconfig "$kubeconfig" -n load logs -f -l app=load --max-log-requests "$pods" --tail 10 >/dev/null & app=$!
sleep 12
measure "kubectl logs -f"
finish_app
collect API --kubeconfig "$kubeconfig" --context one-node --namespace load
collect node --follow "$state/pods/load_*"
