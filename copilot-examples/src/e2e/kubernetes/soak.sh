#!/usr/bin/env bash
# MINUTES (60) of the collector in API mode (MODE=node: files; MODE=standin: standin.py in place of a node) with a heap of HEAP (256m), while PODS (10) pods print RATE (50)
# lines/s each and one of them is replaced every EVERY (5) s; EVERY=0 replaces none. After WARM (120) s its heap after a
# collection, threads, open descriptors and lag are taken every STEP (20) s; their slopes must be 0 within noise, and no line may
# be stored twice. `PODS=100 MINUTES=10 EVERY=0 TICKS=2 soak.sh` is the wide run. KEEP=DIR keeps the log. Exit 77 = no node.
. "$(dirname "${BASH_SOURCE[0]}")/node.sh"
jar=$(cd "$here/../../.." && pwd)/target/copilot.jar
work=${KEEP:-$(mktemp -d)}
mkdir -p "$work"
app="" replacer="" standin=""
clean() {
  [ -z "$replacer" ] || kill "$replacer" 2>/dev/null || true
  [ -z "$app" ] || kill -9 "$app" 2>/dev/null || true
  [ -n "$standin" ] || { k delete namespace load --wait=false >/dev/null 2>&1 || true; "$here/stop.sh"; }
  [ -n "${KEEP:-}" ] || rm -rf "$work"
}
trap clean EXIT
command -v jcmd >/dev/null || skip "jcmd of the JDK is missing: the heap can't be looked at"
EVERY=${EVERY:-5}
touch "$work/replaced"
if [ "${MODE:-api}" = standin ]; then
  standin=${PORT:-18321}
  python3 "$here/standin.py" "$standin" "${PODS:-10}" "${RATE:-50}" "$EVERY" >"$work/replaced" & replacer=$!
  echo "{apiVersion: v1, kind: Config, current-context: one-node, clusters: [{name: c, cluster: {server: 'http://127.0.0.1:$standin'}}],
 users: [{name: u, user: {token: none}}], contexts: [{name: one-node, context: {cluster: c, user: u}}]}" >"$work/kubeconfig"
  kubeconfig=$work/kubeconfig
else
  "$here/start.sh" >/dev/null || skip "no real Kubernetes on this machine: nothing was measured"
  load "${PODS:-10}" "${RATE:-50}" "${TICKS:-10}"
fi
source=(--kubeconfig "$kubeconfig" --context one-node --namespace load)
[ "${MODE:-api}" != node ] || source=(--follow "$state/pods/load_*")
java "-Xmx${HEAP:-256m}" -jar "$jar" collect --db "$work/logs.duckdb" "${source[@]}" 2>"$work/log" & app=$!
stores() { grep -q "^[1-9][0-9,]* lines stored" "$work/log"; }
until_true 300 "lines are stored" stores
replace() {
  while sleep "$EVERY"; do
    pod=$(k -n load get pods --sort-by=.metadata.creationTimestamp --field-selector=status.phase=Running -o 'jsonpath={.items[0].metadata.name}') || continue
    k -n load delete pod "$pod" --wait=false >/dev/null && echo "$pod" >>"$work/replaced" || true
  done
}
[ "$EVERY" = 0 ] || [ -n "$replacer" ] || { replace & replacer=$!; }
sleep "${WARM:-120}"
grows=no; python3 "$here/soak.py" "$app" "$work/log" "$((${MINUTES:-60} * 60))" "${STEP:-20}" || grows=yes
[ -z "$replacer" ] || kill "$replacer" 2>/dev/null || true
kill "$app"; wait "$app" || true; app=""
note "$(wc -l <"$work/replaced") pods replaced; $(tail -n 1 "$work/log")"
java -jar "$jar" export --db "$work/logs.duckdb" | python3 -c '
import collections, json, re, sys
seen = collections.defaultdict(set)
lines = doubled = 0
for text in sys.stdin:
    record = json.loads(text)
    line = re.match(r"line (\d+) of this pod", record["message"])
    if line:
        lines += 1
        doubled += int(line[1]) in seen[record["pod"]]
        seen[record["pod"]].add(int(line[1]))
# Of a deleted pod the end may be gone; within what is stored nothing may be missing.
missing = sum(max(numbers) - len(numbers) for numbers in seen.values())
print(f"{lines} lines of {len(seen)} pods: missing {missing} before the last one stored, doubled {doubled}")
sys.exit(1 if doubled or missing or not lines else 0)'
[ $grows = no ] || { note "something grows"; exit 1; }
note "passed: ${MINUTES:-60} minutes"
