"""rotate.py API.jsonl NODE.jsonl [strict]: counts what each way of collecting misses, doubles or tears of rotate.yaml's lines.

What was written: in each instance every number up to the highest that either way stored. Strict: exit 1 unless the node's
files gave all of it once, and the API nothing twice."""
import collections
import json
import re
import sys


def read(path):
    seen, torn, glued = collections.defaultdict(collections.Counter), 0, 0
    for text in open(path, encoding="utf-8"):
        record = json.loads(text)
        if record["kind"] != "LOG" or record["pod"] != "writer":
            continue
        line = re.fullmatch(r"(out|err) (\d+) of (alpha|beta)(, [a-z ,]+[a-z]| 0{19999}7)", record["message"])
        if line:
            seen[record["container"], record["restartCount"], line[1]][int(line[2])] += 1
        elif "0000" in record["message"]:
            glued += 1
        else:
            torn += 1
            print("torn:", record["message"][:120])
    return seen, torn, glued


ways = {name: read(path) for name, path in zip(("api", "node"), sys.argv[1:])}
written = {key: max(max(seen.get(key) or [0]) for seen, _, _ in ways.values()) for key in set().union(*(w[0] for w in ways.values()))}
# Both ways begin while the pod starts; an instance counts from its first line.
bad = 0
for name, (seen, torn, glued) in ways.items():
    missing = sum(top - len(seen.get(key, ())) for key, top in written.items())
    doubled = sum(n - 1 for counts in seen.values() for n in counts.values())
    print(f"{name}: {sum(written.values())} written in {len(written)} outputs, missing {missing}, doubled {doubled}, torn {torn}, glued {glued}")
    bad += doubled + torn + (missing + glued if name == "node" else 0)
sys.exit(1 if bad and "strict" in sys.argv else 0)
