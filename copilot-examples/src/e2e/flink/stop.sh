#!/usr/bin/env bash
# Stops the servers that start.sh started, and no others.
. "$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/servers.sh"
halt_all
