#!/usr/bin/env bash
# A pod loses the label that is collected for 30 s, and gets it back: every line once, those between too. A second one is rotated
# meanwhile: told as a gap, nothing twice. KEEP=DIR keeps logs and export. Exit 77 = no node.
export LOG_MAX_SIZE=256Ki
. "$(dirname "${BASH_SOURCE[0]}")/node.sh"
jar=$(cd "$here/../../.." && pwd)/target/copilot.jar
work=${KEEP:-$(mktemp -d)}
mkdir -p "$work"
app=""
clean() {
  [ -z "$app" ] || kill -9 "$app" 2>/dev/null || true
  k delete namespace selected --wait=false >/dev/null 2>&1 || true
  "$here/stop.sh"; [ -n "${KEEP:-}" ] || rm -rf "$work"
}
trap clean EXIT
"$here/start.sh" >/dev/null || skip "no real Kubernetes on this machine: selectors were not tried"
pod() { # NAME PAUSE LENGTH
  cat <<YAML
---
apiVersion: v1
kind: Pod
metadata: {name: $1, namespace: selected, labels: {collect: "yes"}}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: app
    image: localhost/shell:1
    imagePullPolicy: Never
    command: ["/bin/sh", "-c", "fill=\$(printf %0$3d 0); i=0; until [ -e /tmp/stop ]; do i=\$((i+1)); echo \"line \$i \$fill\"; sleep $2; done; echo \"end \$i\"; sleep 1000000"]
YAML
}
{ printf 'apiVersion: v1\nkind: Namespace\nmetadata: {name: selected}\n'; pod small 0.05 20; pod large 0.02 2000; } | k apply -f - >/dev/null
late=77 until_true 180 "the pods run" k -n selected wait --for=condition=Ready --timeout=1s pod/small pod/large
java -Xmx256m -jar "$jar" collect --kubeconfig "$kubeconfig" --context one-node --namespace selected --selector collect=yes --db "$work/logs.duckdb" 2>>"$work/collect.log" & app=$!
stored() { [ "$(grep -o "^[0-9,]* lines stored" "$work/collect.log" | tail -n 1 | tr -cd 0-9)" -ge "$1" ]; }
until_true 180 "lines are stored" stored 200
k -n selected label pod small large collect- >/dev/null
sleep 30
tail -n 1 "$work/collect.log" >&2
k -n selected label pod small large collect=yes >/dev/null
sleep 15
for p in small large; do k -n selected exec "$p" -- touch /tmp/stop; done
until_true 180 "nothing is left to store" still "$work/collect.log"
tail -n 1 "$work/collect.log" >&2
kill "$app"; wait "$app" || true; app=""
java -jar "$jar" export --db "$work/logs.duckdb" >"$work/logs.jsonl"
grep -v "lines stored" "$work/collect.log" | cut -c1-220 | tail -n 8 >&2 || true
python3 - "$work" <<'PY'
import json, re, sys, collections
numbers, ends = collections.defaultdict(list), {}
for line in open(f"{sys.argv[1]}/logs.jsonl", encoding="utf-8"):
    r = json.loads(line)
    if r["kind"] == "LOG":
        word, n = r["message"].split()[:2]
        if word == "end": ends[r["pod"]] = int(n)
        else: numbers[r["pod"]].append(int(n))
failed = False
for pod in ("small", "large"):
    seen, end = numbers[pod], ends.get(pod, 0)
    lost = end - len(set(seen))
    breaks = sum(1 for a, b in zip(sorted(set(seen)), sorted(set(seen))[1:]) if b != a + 1)
    print(f"{pod}: {end} printed, {lost} not served any more in {breaks} gaps, {len(seen) - len(set(seen))} doubled")
    failed |= end == 0 or len(seen) != len(set(seen)) or pod == "small" and lost > 0
sys.exit(failed)
PY
note "passed: pods that lose their label and get it back"
