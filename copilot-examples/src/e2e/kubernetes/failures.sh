#!/usr/bin/env bash
# On the running node: a pod leaks until the kernel kills it, others fill a volume until eviction, exhaust a pool, lose DNS.
# The running server must predict the first three before they fail and detect the fourth, show probability and evidence, and
# say nothing of the pod that is well; its suggestions are printed. Needs start.sh before it. Exit 77 = pods don't run in time.
. "$(dirname "${BASH_SOURCE[0]}")/node.sh"
jar=$(cd "$here/../../.." && pwd)/target/copilot.jar
work=$(mktemp -d)
app=""
clean() { [ -z "$app" ] || kill -9 "$app" 2>/dev/null || true; k delete namespace failing --wait=false >/dev/null 2>&1 || true; rm -rf "$work"; }
trap clean EXIT
in_time() { local end=$((SECONDS + $1)) what=$2; shift 2; until "$@" >/dev/null 2>&1; do [ $SECONDS -lt $end ] || skip "this machine is too slow: $what"; sleep 1; done; }

k create namespace failing --dry-run=client -o yaml | k apply -f - >/dev/null
java -Xmx512m -jar "$jar" serve --port 0 --data-dir "$work/data" --kubeconfig "$kubeconfig" --context one-node --namespace failing 2>"$work/serve.log" & app=$!
server() { sed -n 's|^DevOps Copilot on http://localhost:\([0-9]*\).*|http://127.0.0.1:\1|p' "$work/serve.log"; }
ready() { curl -fs "$(server)/ready"; }
in_time 180 "the server is not ready" ready
k apply -f "$here/failures.yaml" >/dev/null
waits() { [ -n "$(k -n failing get events --field-selector reason=FailedMount,involvedObject.name=well -o name)" ]; }
in_time 120 "the kubelet does not start pods" waits
k -n failing create configmap well --from-literal=level=info >/dev/null
in_time 120 "the pods don't run" k -n failing wait --for=condition=Ready --timeout=1s pods --all
note "five services run"
status=0; python3 "$here/failures.py" "$(server)" "$bin/kubectl" "$kubeconfig" || status=$?
[ $status != 77 ] || skip "this machine is too slow: told, but late"
[ $status = 0 ] || { tail -n 5 "$work/serve.log" >&2; exit 1; }
note "passed: failures predicted and detected"
