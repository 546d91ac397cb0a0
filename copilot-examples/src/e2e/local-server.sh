# Shared by the scripts beside it: sourced, not run. A server is one process whose pid, start time and
# port are kept in $state/process, so that only our own process is ever stopped.
fail() { printf '%s: ERROR: %s\n' "$server" "$*" >&2; exit 1; }
note() { printf '%s: %s\n' "$server" "$*" >&2; }
require() { command -v "$1" >/dev/null 2>&1 || fail "$1 is needed: $2"; }
cache="${XDG_CACHE_HOME:-${HOME:?set HOME or XDG_CACHE_HOME}/.cache}/devops-copilot"

# Start time of a process in ticks, nothing if it is gone: tells it from a later one with the same pid.
born() { [ -r "/proc/$1/stat" ] && sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '$1 != "Z" { print $20 }'; }

running() {
  [ -f "$state/process" ] || return 1
  read -r pid ticks port < "$state/process" || return 1
  [ -n "$ticks" ] && [ "$(born "$pid")" = "$ticks" ]
}

# A GET or, with a body, a POST; prints the body, fails on any status but 2xx.
fetch() {
  python3 -c '
import sys, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
body = sys.argv[2].encode() if len(sys.argv) > 2 else None
try:
    print(opener.open(urllib.request.Request(sys.argv[1], data=body), timeout=60).read().decode())
except OSError as e:
    sys.exit("%s %s" % (sys.argv[1], e))' "$@"
}

# A port that nobody listens on: the one asked for, else any.
free_port() {
  python3 -c '
import socket, sys
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", int(sys.argv[1]))); print(s.getsockname()[1])' "${1:-0}" 2>/dev/null || fail "port $1 is taken"
}

# launch PORT COMMAND...: in a session of its own, its output in $state/log.
launch() {
  local at=$1; shift
  setsid "$@" > "$state/log" 2>&1 < /dev/null 9>&- &
  pid=$!; sleep 0.2
  printf '%s %s %s\n' "$pid" "$(born "$pid")" "$at" > "$state/process"
}

# wait_for URL SECONDS
wait_for() {
  local end=$((SECONDS + $2))
  until fetch "$1" >/dev/null 2>&1; do
    running || { tail -n 15 "$state/log" >&2; fail "the server ended at once"; }
    [ "$SECONDS" -lt "$end" ] || fail "no answer from $1 in $2 s, see $state/log"
    sleep 0.2
  done
}

# Ends the server and the processes of its session.
halt() {
  if ! running; then note "does not run"; rm -f "$state/process"; return 0; fi
  kill -TERM -- "-$pid" 2>/dev/null || kill -TERM "$pid" 2>/dev/null || true
  for _ in $(seq 50); do [ -n "$(born "$pid")" ] || break; sleep 0.1; done
  kill -KILL -- "-$pid" 2>/dev/null || true
  rm -f "$state/process"; note "stopped"
}
