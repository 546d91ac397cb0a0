#!/usr/bin/env bash
# From a line's print to the answer of a query that holds it, over SECONDS_LONG (60) while PODS (20) pods print RATE (50) lines/s
# each: the server is asked every 50 ms for all lines that are new, API mode and node mode. The time of print is the one that
# containerd stamps. The first WARM (60) s are left out. KEEP=DIR keeps the logs. Exit 77 = no node.
. "$(dirname "${BASH_SOURCE[0]}")/node.sh"
jar=$(cd "$here/../../.." && pwd)/target/copilot.jar
port=${PORT:-18081}
work=${KEEP:-$(mktemp -d)}
mkdir -p "$work"
app=""
finish_app() { [ -z "$app" ] || { kill "$app" 2>/dev/null || true; wait "$app" 2>/dev/null || true; app=""; }; }
clean() { finish_app; k delete namespace load --wait=false >/dev/null 2>&1 || true; "$here/stop.sh"; [ -n "${KEEP:-}" ] || rm -rf "$work"; }
trap clean EXIT
"$here/start.sh" >/dev/null || skip "no real Kubernetes on this machine: nothing was measured"
shows() { curl -fs "http://127.0.0.1:$port/records?service=load&text=of%20this%20pod&limit=1" | grep '"message":"line' >/dev/null; }
serve() { # NAME ARGUMENTS...
  local name=$1; shift
  java -Xmx512m -jar "$jar" serve --port "$port" --data-dir "$work/$name" "$@" 2>"$work/$name.log" & app=$!
  until_true 300 "the server shows lines in $name mode" shows
  sleep "${WARM:-60}"
  python3 - "$name" "$port" "${SECONDS_LONG:-60}" <<'PY'
import datetime, json, sys, time, urllib.request
name, port, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
def ask(query):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/records?service=load&{query}", timeout=60) as answer:
        return json.load(answer)["records"], time.time()
ages, queries, first, end = [], 0, ask("limit=1")[0][0]["id"], time.time() + seconds
last = first
while time.time() < end:
    time.sleep(0.05)
    records, now = ask(f"after={last}&order=asc&limit=1000")
    queries += 1
    if len(records) == 1000: # by time, so lines with lower ids may stand beyond it
        sys.exit(f"{name} mode: more than 1,000 lines came between two queries, {time.time() - end + seconds:.0f} s after the begin")
    for record in records:
        at = record["timestamp"].rstrip("Z")
        whole, _, part = at.partition(".")
        printed = datetime.datetime.fromisoformat(whole + "+00:00").timestamp() + float("0." + (part or "0"))
        ages.append(now - printed)
        last = max(last, record["id"])
ages.sort()
print(f"{name} mode: {len(ages)} lines, {len(ages) / seconds:.0f}/s, {queries} queries: print to query "
      f"p50 {ages[len(ages) // 2]:.2f} s, p99 {ages[len(ages) * 99 // 100]:.2f} s, most {ages[-1]:.2f} s; {last - first - len(ages)} not seen")
PY
  finish_app
}
load "${PODS:-20}" "${RATE:-50}"
serve API --kubeconfig "$kubeconfig" --context one-node --namespace load
serve node "$state/pods/load_*"
