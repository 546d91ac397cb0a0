"""Reads a topic as the console consumer prints it with headers: the lines of each pod must be there, 1 to its end, once.

Exit 1 = lines are missing (perhaps they were not read yet), 2 = lines are doubled or none are there.
"""
import collections
import re
import sys

seen, ends = collections.defaultdict(collections.Counter), collections.defaultdict(list)
for text in sys.stdin:
    line = re.search(r"\bpod:([^,\t]+).*\t(line|end) (\d+)( of this pod.*)?$", text)
    if line and line[2] == "line":
        seen[line[1]][int(line[3])] += 1
    elif line:
        ends[line[1]].append(int(line[3]))
missing = doubled = total = 0
for pod, counts in sorted(seen.items()):
    end = max([*counts, *ends[pod]])
    total += end
    missing += end - len(counts) + (not ends[pod])
    doubled += sum(counts.values()) - len(counts) + max(0, len(ends[pod]) - 1)
print(f"{total} lines of {len(seen)} pods: {missing} lost, {doubled} doubled")
sys.exit(2 if doubled or not total else 1 if missing else 0)
