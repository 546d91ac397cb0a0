#!/usr/bin/env bash
# The packaged collector sends growing files to the real broker; it is killed (-9) three times and the broker once.
# start.sh has started the broker. Fails when a line is lost or doubled for readers of committed records;
# exit 77 = the machine is too slow to tell.
set -euo pipefail
. "$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/servers.sh"
jar=$here/../../../target/copilot.jar
lines=40000 topic=collected
work=$(mktemp -d)
collector="" writer=""
trap 'for p in $collector $writer; do kill -KILL "$p" 2>/dev/null || true; done; rm -rf "$work"' EXIT

# Nothing is known of the lines then.
slow() { tail -n 5 "$work/collector.log" >&2; note "$*"; exit 77; }

# write FROM: 8,000 lines to four files, 200 each 0.1 s; the first file was renamed and begins anew.
write() {
  [ ! -f "$work/logs/a.log" ] || mv "$work/logs/a.log" "$work/logs/a.log.$1"
  local n=$1
  while [ "$n" -lt $(($1 + 8000)) ]; do
    for f in a b c d; do
      seq -f "INFO request done, line=%.0f" "$n" $((n + 49)) >> "$work/logs/$f.log"; n=$((n + 50))
    done
    sleep 0.1
  done
}

# collect [--follow]: leaves the pid in $collector.
collect() {
  java -Xmx256m -jar "$jar" collect --to "kafka=127.0.0.1:$broker/$topic" --name rig "$@" "$work/logs" 2> "$work/collector.log" &
  collector=$!
}

# Lines that the collector says it sent since its start; it says so each second.
sent() { tail -n 1 "$work/collector.log" | sed -n 's/ lines stored.*//; s/,//g; /^[0-9]*$/p'; }

# goes_on FROM WHEN: writes lines and waits until the collector has sent some; more are written then.
goes_on() {
  [ -z "$writer" ] || wait "$writer"
  local end=$((SECONDS + 120)) before
  before=$(sent)
  write "$1" & writer=$!
  until n=$(sent); [ "${n:-0}" -gt "${before:-0}" ]; do
    kill -0 "$collector" 2>/dev/null || slow "the collector ended $2"
    [ "$SECONDS" -lt "$end" ] || slow "the collector sends nothing $2"
    sleep 0.2
  done
}

mkdir "$work/logs"
from=0
for death in 1 2 3; do
  collect --follow; goes_on $from "before death $death"
  kill -KILL "$collector"; wait "$collector" 2>/dev/null || true
  from=$((from + 8000))
done
collect --follow; goes_on $from "after death 3"
kill9 kafka; (kafka) || slow "the broker does not come back"
wait "$writer"; writer=""
goes_on $((from + 8000)) "after the broker's death"
wait "$writer"; writer=""
kill -TERM "$collector"; wait "$collector" || true
collect; wait "$collector" || slow "the last collector failed"
collector=""

# Silence of a busy broker is no end: a reader that finds less waits longer.
for silence in 15000 60000; do
  committed "$topic" $silence | sed 's/.*line=//' | sort -n > "$work/read"
  read=$(wc -l < "$work/read") distinct=$(uniq "$work/read" | wc -l)
  [ "$read" -lt "$lines" ] || break
done
note "collector: $lines lines written, $read committed, $((lines - distinct)) lost, $((read - distinct)) doubled"
[ "$read" = "$lines" ] && [ "$distinct" = "$lines" ] || fail "lines were lost or doubled"
