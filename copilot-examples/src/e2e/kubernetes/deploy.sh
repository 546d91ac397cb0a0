#!/usr/bin/env bash
# On the running node: the app in a pod, by both manifests of deploy/, from an image made here. Needs start.sh before it.
. "$(dirname "${BASH_SOURCE[0]}")/node.sh"
root=$(cd "$here/../../../.." && pwd)
space=in-cluster
work=$(mktemp -d)
clean() {
  [ $? = 0 ] || { k -n "$space" get pods,events 2>&1 | tail -n 30; k -n "$space" logs --tail=20 -l 'app in (devops-copilot, devops-copilot-node)' 2>&1; } >&2
  k delete namespace "$space" --wait=false >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap clean EXIT
"$root/deploy/image.sh" "$work/image.tar" >&2
ctr images import "$work/image.tar" >/dev/null
k create namespace "$space" >/dev/null 2>&1 || true
k -n "$space" create secret generic devops-copilot --from-literal=token=s3cret >/dev/null 2>&1 || true
# Pods of this node have no route to the service's address: the API server's real one stands in for it.
sed "s#- {name: NAMESPACE, valueFrom#- {name: KUBERNETES_SERVICE_HOST, value: 127.0.0.1}\n        - {name: KUBERNETES_SERVICE_PORT, value: \"$api\"}\n        &#; s#serviceAccountName:#hostNetwork: true\n      &#" \
  "$root/deploy/api-mode.yaml" >"$work/api-mode.yaml"
k -n "$space" apply -f "$work/api-mode.yaml" >/dev/null
k -n "$space" apply -f - >/dev/null <<'YAML'
{apiVersion: v1, kind: Pod, metadata: {name: talks}, spec: {terminationGracePeriodSeconds: 1, containers: [
 {name: app, image: "localhost/shell:1", imagePullPolicy: Never, command: [sh, -c, "while :; do echo ERROR it broke again; sleep 1; done"]}]}}
YAML
ready() { [ "$(k -n "$space" get deployment devops-copilot -o 'jsonpath={.status.readyReplicas}')" = 1 ]; }
until_true 240 "the app is ready in its pod" ready
seen() { curl -fs -H 'Authorization: Bearer s3cret' 'http://127.0.0.1:8080/records?service=talks&limit=1' | grep '"severity":"ERROR"' >/dev/null; }
until_true 120 "the app in the pod shows another pod's line" seen
[ "$(curl -s -o /dev/null -w '%{http_code}' 'http://127.0.0.1:8080/records')" = 401 ] || { note "no token, and yet served"; exit 1; }
note "API mode: collects in a pod, least rights, non-root, read-only root"
k -n "$space" delete deployment devops-copilot >/dev/null

sed "s#path: /var/log/pods, type: Directory#path: $state/pods, type: Directory#; s#path: /var/lib/devops-copilot#path: $work/node-data#" \
  "$root/deploy/node-mode.yaml" | k -n "$space" apply -f - >/dev/null
pod() { k -n "$space" get pods -l app=devops-copilot-node -o 'jsonpath={.items[0].metadata.name}'; }
stored() { k -n "$space" logs "$(pod)" --tail=1 | grep '^[1-9][0-9,]* lines stored' >/dev/null; }
until_true 240 "the app stores the node's files" stored
k -n "$space" delete daemonset devops-copilot-node --wait=true >/dev/null
sleep 2
java -jar "$root/copilot-examples/target/copilot.jar" export --db "$work/node-data/logs.duckdb" | grep '"pod":"talks"' >"$work/lines" || true
[ "$(wc -l <"$work/lines")" -gt 3 ] || { note "the node's files were not stored"; exit 1; }
note "passed: node mode stored $(wc -l <"$work/lines") lines of the pod, read-only mount"
