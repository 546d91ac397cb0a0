#!/usr/bin/env bash
# Two collectors share the pods of a real node by Leases and send their lines to a real Kafka broker. One is killed (-9), one is
# paused for longer than its Leases hold, one is stopped. Every line must stand once for readers of committed records.
# Exit 77 = no node or no broker could be had, or too slow: skipped, loudly.
. "$(dirname "${BASH_SOURCE[0]}")/../kubernetes/node.sh"
jar=$(cd "$here/../../.." && pwd)/target/copilot.jar
servers=$(cd "$here/../flink" && pwd)/servers.sh
topic=shared-$$ shards=4
work=$(mktemp -d)
limit=$((SECONDS + 540))
declare -A app=()
clean() {
  for who in "${!app[@]}"; do kill -CONT "${app[$who]}" 2>/dev/null && kill -9 "${app[$who]}" 2>/dev/null || true; done
  k delete namespace load --wait=false >/dev/null 2>&1 || true
  "$here/stop.sh"; "$servers" end kafka 2>/dev/null
  rm -rf "$work"
}
trap clean EXIT
"$here/start.sh" >/dev/null || skip "no real Kubernetes on this machine: Leases were not tried"
"$servers" kafka || skip "no real Kafka on this machine: Leases were not tried"

collect() { # NAME
  java -Xmx256m -jar "$jar" collect --kubeconfig "$kubeconfig" --context one-node --namespace load \
    --to "kafka=127.0.0.1:${KAFKA_PORT:-19092}/$topic" --name all --shards $shards 2>>"$work/$1.log" & app[$1]=$!
}
holds() { tail -n 1 "$work/$1.log" | grep ", $2 of $shards shards"; }
# wait_until WHAT COMMAND...: what is late is this machine.
wait_until() { late=77 until_true $((limit - SECONDS)) "$@"; }
fair() { holds a 2 && holds b 2; }
sends() { tail -n 1 "$work/$1.log" | grep "^[1-9][0-9,]* lines stored"; }
quiet() { for who in "$@"; do [ "$(tail -n 5 "$work/$who.log" | grep -c ", 0 lines/s")" = 5 ] || return 1; done; }
end() { for who in "$@"; do kill "${app[$who]}"; wait "${app[$who]}" || true; unset "app[$who]"; done; }
check() { # MILLISECONDS: so long a silence of the broker is the end; status 1 = lines are missing
  status=0
  "$servers" committed "$topic" "$1" --formatter-property print.headers=true | python3 "$here/../shards/lines.py" >"$work/result" || status=$?
}

load 8 100
collect a
wait_until "the first collector has all" holds a $shards
collect b
wait_until "the second one is given half" fair
wait_until "the second one sends lines" sends b
note "killing a collector"
kill -9 "${app[b]}"; wait "${app[b]}" 2>/dev/null || true
wait_until "the first one has all again" holds a $shards
collect b
wait_until "half is given back" fair
wait_until "it sends lines again" sends b
note "pausing a collector for longer than its Leases hold"
kill -STOP "${app[a]}"
wait_until "the other one has all" holds b $shards
sleep 3
kill -CONT "${app[a]}"
wait_until "both share again" fair
note "stopping a collector"
kill "${app[a]}"; wait "${app[a]}" || [ $? = 143 ] || { tail -n 5 "$work/a.log" >&2; exit 1; }
wait_until "what it held is taken" holds b $shards
collect a
wait_until "both share at the end" fair
end_load
wait_until "nothing is left to send" quiet a b
end a b
grep -hv "lines stored" "$work"/*.log | cut -c1-180 | sort | uniq -c | sort -rn | head -n 12 >&2 || true
check 15000
# A slow machine needs more lives until everything is read; what is lost stays lost.
for _ in 1 2 3; do
  [ $status = 1 ] || break
  collect a
  wait_until "a last collector has all" holds a $shards
  sleep 20
  wait_until "it has nothing to send" quiet a
  end a
  check 60000
done
cat "$work/result"
[ $status = 0 ] || { note "lines were lost or doubled"; exit 1; }
note "passed: every line once, over kill -9, pause and end of collectors that share by Leases"
