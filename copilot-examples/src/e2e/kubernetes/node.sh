# Sourced by the other scripts: where everything lives, and processes known by pid and start time.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/devops-copilot/kubernetes-1.34.4
bin=$root/bin
state=$root/state
kubeconfig=$state/admin.kubeconfig
socket=$state/containerd.sock
bridge=copilot0
api=16443
client=22379
kubelet=20250

note() { echo "kubernetes: $*" >&2; }
skip() { note "SKIPPED: $*"; exit 77; }
k() { "$bin/kubectl" --kubeconfig "$kubeconfig" "$@"; }
ctr() { command ctr --address "$socket" --namespace k8s.io "$@"; }
born() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '$1 != "Z" { print $20 }'; } # one that ended but lingers is gone
alive() { [ -s "$state/run/$1" ] && read -r pid at <"$state/run/$1" && [ "$(born "$pid")" = "$at" ]; }

launch() { # NAME COMMAND...
  alive "$1" && return
  local name=$1; shift
  setsid "$@" >>"$state/log/$name" 2>&1 </dev/null &
  echo "$! $(born $!)" >"$state/run/$name"
}

finish() { # NAME SECONDS
  local end=$((SECONDS + $2))
  if alive "$1"; then
    kill "$pid" 2>/dev/null || true
    while alive "$1"; do
      [ $SECONDS -lt $end ] || { kill -9 "$pid" 2>/dev/null || true; sleep 0.2; break; }
      sleep 0.1
    done
  fi
  rm -f "$state/run/$1"
}

# late=77: what is late here is this machine, not the product.
until_true() { # SECONDS WHAT COMMAND...
  local end=$((SECONDS + $1)) what=$2; shift 2
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || { note "not in time: $what; logs in $state/log"; tail -n 3 "$state"/log/* >&2; [ -z "${late:-}" ] || skip "too slow: $what"; exit 1; }
    sleep 0.3
  done
}

still() { [ "$(tail -n 20 "$1" | grep -c ", 0 lines/s")" = 20 ]; } # LOG of a collector that has stored nothing for 20 s

# Pods that print so many numbered lines a second each, at so many moments of it, and `end N` once there is a file /tmp/stop.
load() { # PODS RATE [TICKS, 10]
  k apply -f - >/dev/null <<YAML
apiVersion: v1
kind: Namespace
metadata: {name: load}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: load, namespace: load}
spec:
  replicas: $1
  selector: {matchLabels: {app: load}}
  template:
    metadata: {labels: {app: load}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: app
        image: localhost/shell:1
        imagePullPolicy: Never
        command:
        - /bin/sh
        - -c
        - |
          i=0
          while [ ! -e /tmp/stop ]; do
            i=\$((i + 1))
            echo "line \$i of this pod, and some more words so that the line has about one hundred and thirty bytes, as the lines of services do"
            [ \$((i % $(($2 / ${3:-10})))) -ne 0 ] || sleep $(awk "BEGIN { print 1 / ${3:-10} }")
          done
          echo "end \$i"
          sleep 1000000
YAML
  late=77 until_true 300 "the pods of the load run" k -n load wait --for=condition=Available --timeout=1s deployment/load
}
end_load() {
  local pod
  for pod in $(k -n load get pods -o 'jsonpath={.items[*].metadata.name}'); do
    late=77 until_true 120 "$pod stops" k -n load exec "$pod" -- touch /tmp/stop
  done
}
