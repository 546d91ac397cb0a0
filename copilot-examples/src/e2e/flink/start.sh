#!/usr/bin/env bash
# Installs (once) and starts a real Flink cluster (ZooKeeper, job manager, two task managers) and a real Kafka
# broker on this machine only. Prints KAFKA=..., FLINK=... and RIG=... on stdout.
set -euo pipefail
. "$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/servers.sh"
require python3 'install python3, python3-venv'; require mvn 'install Maven'; require flock 'install util-linux'
require java 'install JDK 17 or newer'
mkdir -p "$home"; exec 9> "$home/lock"; flock -w 900 9 || fail "another start.sh is at work"
if [ ! -d "$home/flink" ]; then
  note "installing Flink $flink_version (350 MB)"
  rm -rf "$home/flink.part"
  timeout 900 python3 -m pip install --quiet --disable-pip-version-check --no-deps --target "$home/flink.part" \
    "apache-flink-libraries==$flink_version" >&2 || fail 'pip can not install apache-flink-libraries'
  mv "$home/flink.part" "$home/flink"
fi
if [ "${1:-}" != --keep ]; then
  halt_all 2>/dev/null
  rm -rf "$rig"
fi
configure; zookeeper; kafka; jobmanager; taskmanager 1; taskmanager 2
at jobmanager; wait_for "http://127.0.0.1:$rest/overview" 120
end=$((SECONDS + 120))
until fetch "http://127.0.0.1:$rest/overview" | grep '"taskmanagers":2' > /dev/null; do
  [ "$SECONDS" -lt "$end" ] || fail "the task managers did not register, see $rig/taskmanager-*/log"
  sleep 0.5
done
echo "KAFKA=127.0.0.1:$broker"; echo "FLINK=http://127.0.0.1:$rest"; echo "RIG=$rig"
