#!/usr/bin/env bash
# KILLS (50) times kill -9 of the collector at points drawn from SEED (1), while PODS (2) pods print RATE (2,500) lines/s each.
# MODE=node (default) reads the node's files, MODE=api follows. Every line must be stored once; what is lost must be told.
# KEEP=DIR keeps logs and export. Exit 77 = no node.
. "$(dirname "${BASH_SOURCE[0]}")/node.sh"
jar=$(cd "$here/../../.." && pwd)/target/copilot.jar
work=${KEEP:-$(mktemp -d)}
mkdir -p "$work"
RANDOM=${SEED:-1} app="" life=0
clean() { [ -z "$app" ] || kill -9 "$app" 2>/dev/null || true; k delete namespace load --wait=false >/dev/null 2>&1 || true; "$here/stop.sh"; [ -n "${KEEP:-}" ] || rm -rf "$work"; }
trap clean EXIT
"$here/start.sh" >/dev/null || skip "no real Kubernetes on this machine: kills were not tried"
collect() {
  life=$((life + 1))
  case ${MODE:-node} in
    node) java -Xmx256m -jar "$jar" collect --follow --db "$work/logs.duckdb" "$state/pods/load_*" 2>"$work/$life.log" & ;;
    api) java -Xmx256m -jar "$jar" collect --kubeconfig "$kubeconfig" --context one-node --namespace load --db "$work/logs.duckdb" 2>"$work/$life.log" & ;;
  esac
  app=$!
}
stores() { grep "^[1-9][0-9,]* lines stored" "$work/$life.log"; }
load "${PODS:-2}" "${RATE:-2500}"
begin=$SECONDS
collect
for n in $(seq "${KILLS:-50}"); do
  # One life in four ends before it has stored anything.
  [ $((RANDOM % 4)) = 0 ] || until_true 300 "lines are stored in life $life" stores
  sleep "$((RANDOM % 3)).$((RANDOM % 10))"
  kill -9 "$app"; wait "$app" 2>/dev/null || true
  collect
done
end_load
note "${KILLS:-50} kills in $((SECONDS - begin)) s"
until_true 600 "nothing is left to store" still "$work/$life.log"
kill "$app"; wait "$app" || true; app=""
cat "$work"/*.log | grep -v "lines stored" | cut -c1-200 | sort | uniq -c | sort -rn | head -n 8 >&2 || true
told=$(cat "$work"/*.log | grep -c "may be lost" || true)
java -jar "$jar" export --db "$work/logs.duckdb" | python3 -c '
import collections, json, re, sys
seen, ends = collections.defaultdict(collections.Counter), {}
for text in sys.stdin:
    record = json.loads(text)
    line = re.fullmatch(r"(line|end) (\d+)( of this pod.*)?", record["message"])
    if record["kind"] == "LOG" and line:
        if line[1] == "line":
            seen[record["pod"]][int(line[2])] += 1
        else:
            ends[record["pod"]] = int(line[2])
missing = doubled = runs = total = 0
for pod, counts in sorted(seen.items()):
    end = ends.get(pod, max(counts))
    gone = [n for n in range(1, end + 1) if n not in counts]
    here = sum(1 for i, n in enumerate(gone) if i == 0 or gone[i - 1] != n - 1)
    total, missing, runs, doubled = total + end, missing + len(gone), runs + here, doubled + sum(counts.values()) - len(counts)
    print(f"{pod}: {end} printed, {len(gone)} missing in {here} runs, end", "stored" if pod in ends else "NOT stored")
told = int(sys.argv[1])
print(f"{total} lines: missing {missing} in {runs} runs, {told} told as lost, doubled {doubled}")
sys.exit(0 if total and doubled == 0 and runs <= told and len(ends) == len(seen) else 1)' "$told"
note "passed: ${KILLS:-50} kills, ${MODE:-node} mode"
