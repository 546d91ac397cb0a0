#!/usr/bin/env bash
# Stops the server that start.sh started, and no other.
set -euo pipefail
server=ollama
. "$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/../local-server.sh"
state=$cache/ollama-0.17.4
halt
