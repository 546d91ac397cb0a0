#!/usr/bin/env bash
# Stops the server that start.sh started, and no other.
set -euo pipefail
server=chroma
. "$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/../local-server.sh"
state=$cache/chroma-1.5.9
halt
