"""Counts what is missing, doubled or torn in the exported lines of producer.yaml; exit 1 if anything is, 3 if there is too little.

The newest instances may still print, and instances that ended before the collector began can't be complete,
so each instance must be whole from its first stored line to its last, and the first instances from line 1."""
import collections
import json
import re
import sys

seen = collections.defaultdict(collections.Counter)
torn = total = events = short = 0
for text in sys.stdin:
    record = json.loads(text)
    if record["kind"] == "EVENT":
        events += 1
        continue
    if record["pod"] == "short":
        short += 1
        continue
    total += 1
    line = re.fullmatch(r"(line|note) (\d+) of 30000", record["message"])
    if not line:
        torn += 1
        print("torn:", record["message"][:100])
        continue
    seen[record["pod"], record["restartCount"], line[1]][int(line[2])] += 1
missing = doubled = 0
for (pod, restart, kind), numbers in sorted(seen.items()):
    step = 1 if kind == "line" else 7
    gone = [i for i in range(step, max(numbers) + 1, step) if i not in numbers]
    twice = [i for i, n in numbers.items() if n > 1]
    missing += len(gone)
    doubled += len(twice)
    print(f"{pod} restart {restart} {kind}: {len(numbers)} stored, {len(gone)} missing, {len(twice)} doubled")
print(f"{total} lines, {events} events: missing {missing}, doubled {doubled}, torn {torn}")
if missing + doubled + torn > 0 or short > 2:
    sys.exit(1)
sys.exit(0 if total > 1000 and events > 0 and short == 2 else 3)
