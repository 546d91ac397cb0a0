"""rotate.py API.jsonl NODE.jsonl GAPS: counts what each way of collecting misses, doubles or tears of rotate.yaml's lines,
and names where.

What was written: in each instance every number up to the highest that either way stored. GAPS is how many gaps and lost ends
the API way told; each run of lines that it misses, as they stand in the node's files, must be one of them. Exit 1
unless the node's files gave all of it once, and the API nothing twice and every loss told."""
import collections
import json
import re
import sys


def read(path):
    seen, order, torn, glued = collections.defaultdict(collections.Counter), [], 0, 0
    for text in open(path, encoding="utf-8"):
        record = json.loads(text)
        if record["kind"] != "LOG" or record["pod"] != "writer":
            continue
        line = re.fullmatch(r"(out|err) (\d+) of (alpha|beta)(, [a-z ,]+[a-z]| 0{19999}7)", record["message"])
        if line:
            key = record["container"], record["restartCount"], line[1]
            seen[key][int(line[2])] += 1
            seconds, fraction = (record["timestamp"].rstrip("Z") + ".").split(".")[:2]
            order.append((*key[:2], seconds, fraction.ljust(9, "0"), line[1], int(line[2])))
        elif "0000" in record["message"]:
            glued += 1
        else:
            torn += 1
            print("torn:", record["message"][:120])
    return seen, order, torn, glued


def runs(numbers):
    found = []
    for n in sorted(numbers):
        if found and n == found[-1][1] + 1:
            found[-1][1] = n
        else:
            found.append([n, n])
    return ", ".join(f"{a}-{b}" for a, b in found[:8]) + (" ..." if len(found) > 8 else "")


ways = {name: read(path) for name, path in zip(("api", "node"), sys.argv[1:])}
told = int(sys.argv[3])
written = {key: max(max(way[0].get(key) or [0]) for way in ways.values()) for key in set().union(*(w[0] for w in ways.values()))}
# Both ways begin while the pod starts; an instance counts from its first line.
bad = 0
for name, (seen, order, torn, glued) in ways.items():
    missing = doubled = 0
    for key, top in sorted(written.items()):
        counts = seen.get(key, {})
        gone, twice = [n for n in range(1, top + 1) if n not in counts], [n for n, c in counts.items() if c > 1]
        missing, doubled = missing + len(gone), doubled + sum(counts[n] - 1 for n in twice)
        for what, numbers in ("missing", gone), ("doubled", twice):
            if numbers:
                print(f"  {name} {key[0]} restart {key[1]} {key[2]}: {len(numbers)} of {top} {what}: {runs(numbers)}")
    print(f"{name}: {sum(written.values())} written in {len(written)} outputs, missing {missing}, doubled {doubled}, torn {torn}, glued {glued}")
    bad += doubled + torn + (missing + glued if name == "node" else 0)
# The runs of lines that the API way misses, in the order of the files.
losses, open_run, last = 0, False, None
api = ways["api"][0]
for container, restart, _, _, output, number in sorted(ways["node"][1]):
    lost = number not in api.get((container, restart, output), ())
    if (container, restart) != last:
        open_run, last = False, (container, restart)
    losses += lost and not open_run
    open_run = lost
print(f"api: {losses} runs of lines lost, {told} told")
bad += losses > told
sys.exit(1 if bad else 0)
