#!/usr/bin/env bash
# Runs the tests that need a real Ollama against one. Exit 77 = no server could be had: skipped, loudly.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd); cd "$here/../../../.."
if ! out=$("$here/start.sh"); then
  echo "SKIPPED: no real Ollama on this machine: its tests did not run (see above)" >&2; exit 77
fi
trap '"$here/stop.sh"' EXIT
eval "$out"
timeout 240 mvn -q -B -pl copilot-rag -am test -Dtest=RealOllamaTest \
  -Dsurefire.failIfNoSpecifiedTests=false "-Dcopilot.ollama=$OLLAMA_URL" "-Dcopilot.ollama.model=$OLLAMA_MODEL"
echo "ollama: tests passed against a real server and a real model"
