#!/usr/bin/env bash
# Installs (once) and starts a real Chroma server for tests. Prints CHROMA_URL=... on stdout.
# Environment: CHROMA_PORT (default: any free port), XDG_CACHE_HOME.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
server=chroma version=1.5.9
. "$here/../local-server.sh"
state=$cache/chroma-$version
require python3 'install python3 and python3-pip'; require flock 'install util-linux'; require setsid 'install util-linux'
mkdir -p "$state"; exec 9> "$state/lock"; flock -w 600 9 || fail "another start.sh is at work"
if [ ! -d "$state/lib" ]; then
  note "installing chromadb $version (60 MB)"
  rm -rf "$state/lib.part"
  # The server is the native library of the wheel; the Python dependencies serve other uses.
  timeout 600 python3 -m pip install --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --target "$state/lib.part" "chromadb==$version" >&2 || fail 'pip can not install chromadb'
  mv "$state/lib.part" "$state/lib"
fi
if running; then note "runs already"; else
  port=$(free_port "${CHROMA_PORT:-0}")
  rm -rf "$state/data"
  PYTHONPATH=$state/lib launch "$port" python3 -c \
    'import sys, chromadb_rust_bindings; chromadb_rust_bindings.cli(sys.argv)' \
    run --path "$state/data" --host 127.0.0.1 --port "$port"
fi
wait_for "http://127.0.0.1:$port/api/v2/heartbeat" 60
echo "CHROMA_URL=http://127.0.0.1:$port"
