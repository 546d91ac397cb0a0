#!/usr/bin/env bash
# Load on the packaged app, on loopback: rates, latencies, memory. Beside each rate stands the server's own CPU time for one
# unit of work, which depends least on what else the machine does.
# usage: benchmarks/src/load/run.sh [start] [classify] [batch] [upload]    (none = all)
# FLAGS (-Xmx192m -XX:+UseSerialGC) are the server's, DURATION (10 s) that of one wrk run after WARM (20 s), MEGABYTES (200) the size of an upload.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
jar=$(cd "$here/../../.." && pwd)/copilot-examples/target/copilot.jar
[ -f "$jar" ] || { echo "package the app first: mvn -DskipTests package" >&2; exit 1; }
for need in wrk curl awk gzip; do command -v "$need" >/dev/null || { echo "$need is missing" >&2; exit 1; }; done
work=$(mktemp -d)
server="" at=http://127.0.0.1:${PORT:-18099}
clean() { [ -z "$server" ] || kill "$server" 2>/dev/null || true; wait; rm -rf "$work"; }
trap clean EXIT

now() { date +%s.%N; }
calc() { awk "BEGIN { printf \"$1\", $2 }"; }
cpu() { sed 's/.*) //' "/proc/$server/stat" | awk '{ print ($12 + $13) / 100 }'; } # seconds, user and system
peak() { awk '/VmHWM/ { print int($2 / 1024) }' "/proc/$server/status"; } # MB
until_200() { local i; for i in $(seq 3000); do curl -fs -o /dev/null "$@" && return; kill -0 "$server" || exit 1; sleep 0.02; done; exit 1; }
classify=(-H 'Content-Type: application/json' -d '{"message":"OOMKilled: container api exceeded memory limit"}' "$at/classify")
serve() {
  java ${FLAGS:--Xmx192m -XX:+UseSerialGC} -jar "$jar" serve --port "${at##*:}" --data-dir "$work/data" >"$work/serve.log" 2>&1 & server=$!
}
stop() { kill "$server"; wait "$server" || true; server=""; }

start() {
  serve; until_200 "$at/ready"; stop
  local begin; begin=$(now)
  serve; until_200 "${classify[@]}"; local first; first=$(now); until_200 "$at/ready"
  echo "second start: first verdict after $(calc %.1f "$first - $begin") s, ready after $(calc %.1f "$(now) - $begin") s, $(calc %.1f "$(cpu)") s of CPU, $(peak) MB resident"
  stop
}

load() { # NAME CONNECTIONS LINES_A_REQUEST
  local before after=0 out=$work/$1.out
  wrk -t1 "-c$2" "-d${WARM:-20}s" -s "$here/classify.lua" "$at/classify" -- "$work/lines" "$3" >/dev/null # compile first
  before=$(cpu)
  wrk -t1 "-c$2" "-d${DURATION:-10}s" --latency -s "$here/classify.lua" "$at/classify" -- "$work/lines" "$3" >"$out"
  after=$(cpu)
  awk -v name="$1" -v lines="$3" -v cpu="$(calc %f "$after - $before")" '
    /requests in/ { n = $1; s = $4 } /99%/ { p99 = $2 } /Requests.sec/ { rate = $2 } /Non-2xx/ { bad = " FAILED: " $0 }
    END { printf "%s: %d lines/s, p99 %s, %.2f us of CPU a line%s\n", name, rate * lines, p99, cpu * 1e6 / n / lines, bad }' "$out"
}

upload() { # NAME FILE
  local before begin slowest
  before=$(cpu); begin=$(now)
  curl -fsS -T "$2" -X POST -H 'Content-Type: application/octet-stream' "$at/upload?name=load" -o "$work/summary" & local curl=$!
  : >"$work/page"
  while kill -0 "$curl" 2>/dev/null; do
    curl -s -o /dev/null -w '%{http_code} %{time_total}\n' "$at/records?limit=20" >>"$work/page"; sleep 0.5
  done
  wait "$curl"
  local seconds lines; seconds=$(calc %.2f "$(now) - $begin")
  lines=$(sed 's/.*"lines":\([0-9]*\).*/\1/' "$work/summary")
  slowest=$(sort -k2 -n "$work/page" | tail -n 1 | cut -d' ' -f2)
  echo "upload $1: $lines lines, $(calc %d "$lines / $seconds") lines/s, $(calc %.2f "($(cpu) - $before) * 1e6 / $lines") us of CPU a line, $(peak) MB resident, slowest of $(wc -l <"$work/page") looks at the page's records $slowest s, $(grep -vc '^200' "$work/page" || true) failed"
}

echo "load average $(cut -d' ' -f1-3 /proc/loadavg), $(nproc) processors, $(java -version 2>&1 | head -1)"
todo=${*:-start classify batch upload}
case " $todo " in *" start "*) start ;; esac
todo=$(echo " $todo " | sed 's/ start / /')
[ -n "${todo// /}" ] || exit 0
awk -v bytes=200000 -f "$here/lines.awk" >"$work/lines"
serve; until_200 "$at/ready"
for one in $todo; do
  case $one in
    classify) load classify 8 1 ;;
    batch) load batch 2 1000 ;;
    upload)
      awk -v bytes=$((${MEGABYTES:-200} * 1000000)) -f "$here/lines.awk" >"$work/plain"
      gzip -1 -k -S .gz "$work/plain"
      upload plain "$work/plain"; upload gzip "$work/plain.gz" ;;
    *) echo "no such load: $one" >&2; exit 2 ;;
  esac
done
echo "peak: $(peak) MB resident; load average $(cut -d' ' -f1-3 /proc/loadavg)"
