"""Watches the issues of the server while the pods of failures.yaml fail; exit 1 where one is told wrongly or not
at all, 77 where this machine is too slow to be told in time.

usage: failures.py SERVER KUBECTL KUBECONFIG
"""
import json, subprocess, sys, time, urllib.request
from datetime import datetime

server, kubectl, kubeconfig = sys.argv[1:]
WANT = {"leaks": "oom", "fills": "storage", "exhausts": "performance", "no-dns": "network_dns"}
PREDICTED = ("leaks", "fills", "exhausts")
LONGEST = 420
seen = {}  # service -> (when this script first saw its issue, the issue as it was then)
failed = {}  # service -> time of its failure


def get(path):
    with urllib.request.urlopen(server + path, timeout=20) as answer:
        return json.load(answer)


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def failures():
    command = [kubectl, "--kubeconfig", kubeconfig, "-n", "failing", "get", "pods", "-o", "json"]
    for pod in json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["items"]:
        name, status = pod["metadata"]["labels"]["app"], pod["status"]
        for container in status.get("containerStatuses", []):
            for state in (container.get("lastState", {}), container.get("state", {})):
                end = state.get("terminated", {})
                if end.get("reason") == "OOMKilled":
                    failed.setdefault(name, instant(end["finishedAt"]))
        if status.get("reason") == "Evicted":
            failed.setdefault(name, time.time())
    for line in get("/records?service=exhausts&text=no%20connection%20available&limit=100")["records"]:
        failed["exhausts"] = min(failed.get("exhausts", 1e12), instant(line["timestamp"]))


start = time.time()
while time.time() - start < LONGEST and not (set(seen) >= set(WANT) and set(failed) >= set(PREDICTED)):
    for issue in get("/issues?limit=1000")["issues"]:
        service = issue["service"]
        if service not in seen:
            seen[service] = (time.time(), issue)
            print(f"{time.time() - start:4.0f} s  {service}: {issue['category']}, probability {issue['probability']:.2f},"
                  f" breaks in {issue['horizonSeconds']} s: {issue['title']}", file=sys.stderr)
    before = set(failed)
    failures()
    for service in set(failed) - before:
        print(f"{failed[service] - start:4.0f} s  {service} failed", file=sys.stderr)
    time.sleep(2)

problems = [f"{s}: no issue in {LONGEST} s" for s in WANT if s not in seen]
late = [f"{s}: did not fail in {LONGEST} s" for s in PREDICTED if s not in failed]
problems += [f"{s}: a false alarm: {seen[s][1]['title']}" for s in seen if s not in WANT]
for service in [s for s in WANT if s in seen]:
    when, first = seen[service]
    issue = get("/issues/" + first["id"])
    cited = [s for s in issue["answer"]["suggestions"] if s["citations"]]
    if issue["category"] != WANT[service]:
        problems.append(f"{service}: category {issue['category']}, not {WANT[service]}")
    if first["probability"] < 0.5 or not first["evidence"]:
        problems.append(f"{service}: probability {first['probability']}, {len(first['evidence'])} lines")
    if service in PREDICTED and service in failed and (first["horizonSeconds"] == 0 or when >= failed[service]):
        late.append(f"{service}: told, but not before it failed")
    lead = f"{failed[service] - when:.0f} s before it failed" if service in failed else "detected"
    print(f"{service}: {lead}, {first['category']} {first['probability']:.2f}, line: {first['evidence'][-1]['message']!r}", file=sys.stderr)
    if not cited:
        problems.append(f"{service}: no cited suggestion")
        continue
    print(f"  do: {cited[0]['action']} [{cited[0]['citations'][0]['source']}]", file=sys.stderr)
for problem in problems:
    print("WRONG", problem, file=sys.stderr)
for problem in late:  # how far ahead depends on how quick the machine is
    print("LATE", problem, file=sys.stderr)
sys.exit(1 if problems else 77 if late else 0)
