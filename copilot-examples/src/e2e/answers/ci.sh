#!/usr/bin/env bash
# A question about a real pod, with a real small model and a runbook from a ConfigMap: answered from the pod's own lines and
# the runbook, streamed; answered again with the model stopped. Exit 77 = no node or no model: skipped, loudly.
e2e=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$e2e/kubernetes/node.sh"
jar=$(cd "$e2e/../.." && pwd)/target/copilot.jar
work=$(mktemp -d)
app=""
clean() {
  [ -z "$app" ] || kill "$app" 2>/dev/null || true
  "$e2e/ollama/stop.sh" || true; "$e2e/kubernetes/stop.sh" || true; rm -rf "$work"
}
trap clean EXIT
"$e2e/kubernetes/start.sh" >/dev/null || skip "no real Kubernetes on this machine: answers on it were not tested (see above)"
out=$("$e2e/ollama/start.sh") || skip "no real Ollama on this machine: answers with it were not tested (see above)"
eval "$out"
has() { grep "$@" >/dev/null; }
fail() { note "$*"; tail -n 20 "$work/serve.log" >&2; exit 1; }

k apply -f - >/dev/null <<'YAML'
apiVersion: v1
kind: Namespace
metadata: {name: answers}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: runbooks, namespace: answers, labels: {devops-copilot/runbook: "true"}}
data:
  billing.md: |
    # Billing runbook

    ## Ledger refuses connections

    When billing cannot connect to the ledger on ledger-db:5432, check first that the ledger database is running, then
    restart it with the operator of the payments team.

    ```
    kubectl -n <namespace> get pods -l app=ledger-db
    ```
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: billing, namespace: answers}
spec:
  selector: {matchLabels: {app: billing}}
  template:
    metadata: {labels: {app: billing}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: billing
        image: localhost/shell:1
        imagePullPolicy: Never
        command: [/bin/sh, -c, "echo INFO billing starts; sleep 2; for i in 1 2 3; do echo ERROR could not connect to ledger-db:5432: connection refused, attempt $i; sleep 1; done; exit 1"]
YAML
java -jar "$jar" serve --port 18080 --data-dir "$work/data" --kubeconfig "$kubeconfig" --context one-node --namespace answers \
  --docs-configmaps devops-copilot/runbook=true --ollama "$OLLAMA_URL" --ollama-model "$OLLAMA_MODEL" 2>"$work/serve.log" & app=$!
at=http://127.0.0.1:18080
stored() { curl -fs "$at/records?service=billing&text=refused&limit=1" | has refused; }
known() { curl -fs "$at/documents" | has configmaps/answers/runbooks/billing.md; }
until_true 90 "the pod's lines are stored" stored
until_true 90 "the ConfigMap is indexed" known
until_true 60 "the pod is restarted" sh -c "curl -fs '$at/records?service=billing&text=Back-off&limit=1' | grep Back-off"

question='{"question":"Why does billing keep restarting?","namespace":"answers"}'
ask() { curl -fsN --max-time 150 -H 'Content-Type: application/json' -H "Accept: $1" -d "$question" "$at/ask"; }
check() { # FILE WHAT
  has 'ledger-db:5432' <"$1" && has '"kind":"log"' <"$1" && has 'configmaps/answers/runbooks/billing.md' <"$1" &&
    has 'check first that the ledger database is running' <"$1" || { cat "$1" >&2; fail "$2 lacks the pod's line or the runbook"; }
}
ask text/event-stream >"$work/stream"
check "$work/stream" "the streamed answer"
[ "$(grep -c '^event:' "$work/stream")" -ge 2 ] || { cat "$work/stream" >&2; fail "the answer was not streamed"; }
has "ollama:$OLLAMA_MODEL" <"$work/stream" || { cat "$work/stream" >&2; fail "the model was not asked"; }
"$e2e/ollama/stop.sh"
ask application/json >"$work/alone"
check "$work/alone" "the answer without the model"
has '"answered":true' <"$work/alone" && has 'ollama serve' <"$work/alone" ||
  { cat "$work/alone" >&2; fail "the answer does not say that the model is down"; }
kill "$app"; wait "$app" || true; app=""
note "passed: a real pod's question answered from its lines and a ConfigMap's runbook, with the model and without"
