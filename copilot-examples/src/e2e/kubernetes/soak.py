"""Looks at a process: soak.py PID LOG SECONDS STEP. Heap after a collection, threads and descriptors must not grow."""
import os, re, statistics, subprocess, sys, time

pid, log, seconds, step = sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])


def heap():
    subprocess.run(["jcmd", pid, "GC.run"], check=True, stdout=subprocess.DEVNULL, timeout=120)
    text = subprocess.run(["jcmd", pid, "GC.heap_info"], check=True, stdout=subprocess.PIPE, text=True, timeout=120).stdout
    # One line for G1, one each of young and old for the serial collector; metaspace and classes are no heap.
    used = [int(n) for n in re.findall(r"^ \S.*?(?:heap|generation)\s+total .*?used (\d+)K", text, re.M)]
    return sum(used) / 1024


def count(what):
    return len(os.listdir(f"/proc/{pid}/{what}"))


def resident():
    return int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{pid}/status").read())[1]) / 1024


def slope(xs, ys):
    """Least squares: per hour, and its standard error. Neighbours in time are alike, so the error is that of means of five."""
    if len(xs) >= 30:
        xs = [statistics.fmean(xs[i:i + 5]) for i in range(0, len(xs) - 4, 5)]
        ys = [statistics.fmean(ys[i:i + 5]) for i in range(0, len(ys) - 4, 5)]
    mx, my = statistics.fmean(xs), statistics.fmean(ys)
    sxx = sum((x - mx) ** 2 for x in xs)
    b = sum((x - mx) * (y - my) for x, y in zip(xs, ys)) / sxx
    rest = sum((y - my - b * (x - mx)) ** 2 for x, y in zip(xs, ys))
    return 3600 * b, 3600 * (rest / max(1, len(xs) - 2) / sxx) ** 0.5


names = ["heap after a collection, MiB", "threads", "descriptors"]
at, taken, memory = [], {n: [] for n in names}, []
begin = os.path.getsize(log)
start = time.monotonic()
while time.monotonic() - start < seconds:
    time.sleep(step)
    at.append(time.monotonic() - start)
    for name, value in zip(names, (heap(), count("task"), count("fd"))):
        taken[name].append(value)
    memory.append(resident())
with open(log) as said:
    said.seek(begin)
    lags = sorted(float(x) for x in re.findall(r", lag ([\d.]+) s", said.read()))
failed = False
for name in names:
    per_hour, error = slope(at, taken[name])
    # Half a percent of its level an hour is noise whatever the error says.
    grows = per_hour > max(3 * error, 0.005 * statistics.fmean(taken[name]))
    failed |= grows
    print(f"{name}: {min(taken[name]):.0f} to {max(taken[name]):.0f}, {per_hour:+.1f} an hour (standard error {error:.1f})",
          "GROWS" if grows else "")
print(f"resident {memory[0]:.0f} MiB at first, {memory[-1]:.0f} at last, {max(memory):.0f} at most")
if lags:
    print(f"lag of each second's oldest line: p50 {lags[len(lags) // 2]:.1f} s, p99 {lags[len(lags) * 99 // 100]:.1f} s, most {lags[-1]:.1f} s")
sys.exit(1 if failed or not lags else 0)
