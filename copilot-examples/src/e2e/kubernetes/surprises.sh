#!/usr/bin/env bash
# What a real node was seen to do to readers: a log that reads as empty after a rotation, another output's line glued into a long
# one, 400 and 204 for pods that wait, a last line without an end. Collected over the API, with a kill -9 while the log reads as
# empty, and from the node's files. KEEP=DIR keeps logs and exports. Exit 77 = no node.
export LOG_MAX_SIZE=256Ki
. "$(dirname "${BASH_SOURCE[0]}")/node.sh"
jar=$(cd "$here/../../.." && pwd)/target/copilot.jar
work=${KEEP:-$(mktemp -d)}
mkdir -p "$work"
api_app="" node_app=""
clean() {
  for p in $api_app $node_app; do kill -9 "$p" 2>/dev/null || true; done
  k delete namespace surprises --wait=false >/dev/null 2>&1 || true
  k label node 127.0.0.1 copilot-surprise- >/dev/null 2>&1 || true
  "$here/stop.sh"; [ -n "${KEEP:-}" ] || rm -rf "$work"
}
trap clean EXIT
"$here/start.sh" >/dev/null || skip "no real Kubernetes on this machine: its surprises were not tried"
has() { grep "$@" >/dev/null; }
collect_api() { java -Xmx256m -jar "$jar" collect --kubeconfig "$kubeconfig" --context one-node --namespace surprises --db "$work/api.duckdb" 2>>"$work/api.log" & api_app=$!; }
stored() { [ "$(grep -o "^[0-9,]* lines stored" "$work/$1.log" | tail -n 1 | tr -cd 0-9)" -ge "$2" ]; }
quiet() { tail -n 4 "$work/$1.log" | grep -c ", 0 lines/s" | has 4; }
# All that was printed is stored; events are counted among the lines.
reads() { stored "$1" "$2" && quiet "$1"; }
status_of() { k get --raw "/api/v1/namespaces/surprises/pods/$1/log" 2>&1 || true; }
k apply -f "$here/surprises.yaml" >/dev/null
collect_api
java -Xmx256m -jar "$jar" collect --follow --db "$work/node.duckdb" "$state/pods/surprises_*" 2>"$work/node.log" & node_app=$!
waiting() { k -n surprises get pod waits -o 'jsonpath={.status.containerStatuses[0].state.waiting.reason}' | has Config; }
late=77 until_true 180 "a pod waits for its config map" waiting
status_of waits | has "waiting to start" || { note "a waiting pod's log is answered otherwise: $(status_of waits)"; exit 1; }
[ -z "$(status_of nowhere)" ] || { note "the log of a pod without a node is answered otherwise: $(status_of nowhere)"; exit 1; }
# What is rotated away before a container is seen for the first time nobody tells.
for way in api node; do until_true 300 "$way sees the pods" reads "$way" 4; done
k -n surprises exec silent -- touch /tmp/begin
for way in api node; do until_true 300 "the silent pod's lines are stored by $way" reads "$way" 3003; done
empty() { [ ! -s "$(echo "$state"/pods/surprises_silent_*/app/0.log)" ]; }
late=77 until_true 120 "the silent pod's file is rotated" empty
[ -z "$(status_of silent)" ] || { note "a log does not read as empty after the rotation"; exit 1; }
kill -9 "$api_app"; wait "$api_app" 2>/dev/null || true
collect_api
sleep 5
k -n surprises create configmap late --from-literal=word=hello >/dev/null
k label node 127.0.0.1 copilot-surprise=here >/dev/null
k -n surprises exec silent -- touch /tmp/go
ended() { k -n surprises get pods | has "$1 .*Completed"; }
for pod in glued waits nowhere; do late=77 until_true 180 "$pod ends" ended "$pod"; done
for way in api node; do until_true 300 "$way has nothing left to store" still "$work/$way.log"; done
kill "$api_app" "$node_app"; wait "$api_app" "$node_app" || true; api_app="" node_app=""
for way in api node; do java -jar "$jar" export --db "$work/$way.duckdb" >"$work/$way.jsonl"; done
grep -hv "lines stored" "$work/api.log" "$work/node.log" | cut -c1-200 | sort | uniq -c | sort -rn | head -n 8 >&2 || true
python3 - "$work" <<'PY'
import collections, json, re, sys
failed = False
def check(what, seen, wanted):
    global failed
    failed |= seen != wanted
    print(("as wished: " if seen == wanted else f"WRONG, {str(seen)[:200]} in place of {str(wanted)[:200]}: ") + what)
for way in ("api", "node"):
    texts = collections.defaultdict(list)
    for line in open(f"{sys.argv[1]}/{way}.jsonl", encoding="utf-8"):
        record = json.loads(line)
        if record["kind"] == "LOG":
            texts[record["pod"]].append(record["message"])
    numbers = sorted(int(re.match(r"line (\d+)", t)[1]) for t in texts["silent"])
    check(f"{way}: 3,001 lines around the empty log, each once", numbers, list(range(1, 3002)))
    check(f"{way}: the pod that waited", texts["waits"], ["the map says hello"])
    check(f"{way}: the pod without a node, a line without an end", texts["nowhere"], ["first", "without an end"])
    whole = "0" * 20000
    if way == "node":
        check("node: both outputs' lines whole", sorted(texts["glued"]), [whole, "complaint", "last"])
    else: # where the API puts the other line is its own affair; no letter may be gone or twice
        check("api: every letter of both outputs", (sum(t.count("0") for t in texts["glued"]), "".join(texts["glued"]).count("complaint"), texts["glued"][-1:]), (20000, 1, ["last"]))
sys.exit(failed)
PY
note "passed: the node's surprises"
