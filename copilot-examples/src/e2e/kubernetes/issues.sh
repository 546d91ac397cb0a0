#!/usr/bin/env bash
# On the running node: pods that break in seven ways, and well ones; `issues` must name every cause and nothing else,
# `doctor` the permissions. Needs start.sh before it.
. "$(dirname "${BASH_SOURCE[0]}")/node.sh"
jar=$(cd "$here/../../.." && pwd)/target/copilot.jar
cluster=(--kubeconfig "$kubeconfig" --context one-node)
out=$(mktemp)
trap 'rm -f "$out"; k delete namespace broken full --wait=false >/dev/null 2>&1 || true' EXIT
k apply -f "$here/broken.yaml" >/dev/null

check() {
  java -Xmx256m -jar "$jar" issues "${cluster[@]}" --namespace broken --namespace full --json >"$out" 2>/dev/null &&
    python3 - "$out" <<'PY'
import json, re, sys
want = {
    "Deployment/crashes": ("crash_loop", "no database"),
    "Pod/grows": ("oom", "limit is 16Mi"),
    "Pod/no-image": ("image_pull", "127.0.0.1:1/nobody/nothing:1.*connection refused"),
    "Pod/no-configmap": ("config_error", "not-there"),
    "Pod/not-ready": ("probe_failure", "dependency down"),
    "Pod/nowhere": ("scheduling", "disk=none-such"),
    "Deployment/too-many": ("quota", "one-pod"),
}
found = json.load(open(sys.argv[1]))["issues"]
named = [i for i in found if i["object"] in want and i["category"] == want[i["object"]][0]
         and re.search(want[i["object"]][1], i["cause"], re.S)]
wrong = [i for i in found if i not in named]
for i in found:
    print("right" if i in named else "WRONG", i["namespace"], i["object"], i["category"] + ":", i["cause"])
print(len(named), "of", len(want), "causes named,", len(wrong), "false alarms")
sys.exit(0 if len(named) == len(want) and not wrong else 1)
PY
}
until_true 120 "every cause is named" check
for _ in 1 2 3; do sleep 5; check >"$out.txt" || { cat "$out.txt" >&2; exit 1; }; done # not by luck of the moment
cat "$out.txt" >&2; rm -f "$out.txt"

java -jar "$jar" doctor "${cluster[@]}" --namespace broken --data-dir "$(mktemp -d)" >"$out" || { cat "$out" >&2; exit 1; }
k create serviceaccount nobody -n broken >/dev/null
token=$(k create token nobody -n broken)
server=$(k config view -o 'jsonpath={.clusters[0].cluster.server}')
poor=$(mktemp)
echo "{apiVersion: v1, kind: Config, current-context: c, clusters: [{name: c, cluster: {server: '$server', certificate-authority: '$state/pki/ca.crt'}}],
 users: [{name: u, user: {token: $token}}], contexts: [{name: c, context: {cluster: c, user: u}}]}" >"$poor"
status=0; java -jar "$jar" doctor --kubeconfig "$poor" --namespace broken --data-dir "$(mktemp -d)" >"$out" 2>&1 || status=$?
[ "$status" = 1 ] && grep "FAIL.*list pods in broken: forbidden" "$out" >/dev/null || { note "doctor does not see missing verbs"; cat "$out" >&2; exit 1; }
rm -f "$poor"
note "passed: issues and doctor"
