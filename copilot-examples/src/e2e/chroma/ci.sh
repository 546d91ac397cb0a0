#!/usr/bin/env bash
# Runs the tests that need a real Chroma against one. Exit 77 = no server could be had: skipped, loudly.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd); cd "$here/../../../.."
if ! out=$("$here/start.sh"); then
  echo "SKIPPED: no real Chroma on this machine: its tests did not run (see above)" >&2; exit 77
fi
trap '"$here/stop.sh"' EXIT
timeout 240 mvn -q -B -pl copilot-rag -am test -Dtest=ChromaKnowledgeBaseTest \
  -Dsurefire.failIfNoSpecifiedTests=false "-Dcopilot.chroma=${out#CHROMA_URL=}"
echo "chroma: contract and fault tests passed against a real server"
