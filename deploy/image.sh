#!/usr/bin/env bash
# Makes an image archive of the app on a small Java runtime: deploy/image.sh OUT.tar. Needs a JDK with jlink and the
# packaged app; no container engine, no registry. Load it with: ctr -n k8s.io images import OUT.tar
set -euo pipefail
out=${1:?name the archive to write}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=$root/copilot-examples/target
[ -f "$target/copilot.jar" ] || { echo "package the app first: mvn -DskipTests package" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
java_home=${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v jlink || command -v java)")")")}
layer=$work/layer
mkdir -p "$layer"/{app,tmp,data,etc}
"$java_home/bin/jlink" --add-modules java.se,jdk.unsupported,jdk.crypto.ec,jdk.management,jdk.zipfs,jdk.net \
  --strip-debug --no-man-pages --no-header-files --output "$layer/app/java"
cp -r "$target/copilot.jar" "$target/lib" "$layer/app/"
# Native code for other machines is most of these jars' size and of no use in this image.
case $(dpkg --print-architecture) in
  amd64) others=('*aarch64*.so' '*.so_linux_arm64') ;;
  *) others=('*x64*.so' '*x86_64*.so' '*.so_linux_amd64') ;;
esac
for jar in "$layer"/app/lib/{duckdb_jdbc,onnxruntime,tokenizers}-*.jar; do
  unzip -qqo "$jar" -d "$work/slim" -x "${others[@]}" '*.dll' '*.pdb' '*.dylib*' '*.so_macos_*' '*.so_windows_*'
  "$java_home/bin/jar" --create --file "$jar" --manifest "$work/slim/META-INF/MANIFEST.MF" -C "$work/slim" .
  rm -rf "$work/slim"
done
echo 'copilot:x:10001:10001::/data:/bin/false' >"$layer/etc/passwd"
# The C library and what the native code of the store and the index needs, from this machine: the image has no distribution of its own.
copy() { for f in "$@"; do mkdir -p "$layer$(dirname "$f")"; cp -L "$f" "$layer$f"; done; }
libs() { ldd "$@" 2>/dev/null | grep -v ':$' | grep -o '/[^ )]*' | grep -v "^$work" | sort -u || true; }
for jar in "$target"/lib/{duckdb_jdbc,onnxruntime,tokenizers}-*.jar; do unzip -qo "$jar" '*linux*' -d "$work/native"; done
copy $(libs "$layer/app/java/bin/java" "$layer/app/java/lib/server/libjvm.so" "$layer"/app/java/lib/*.so $(find "$work/native" -name '*.so*' -type f))
tar -C "$layer" --owner=0 --group=0 --numeric-owner --sort=name --mtime='2026-01-01 00:00Z' -cf "$work/layer.tar" .
sum=$(sha256sum "$work/layer.tar" | cut -d' ' -f1)
cat >"$work/config.json" <<JSON
{"architecture":"$(dpkg --print-architecture)","os":"linux","config":{"User":"10001:10001","WorkingDir":"/data","ExposedPorts":{"8080/tcp":{}},
"Env":["PATH=/app/java/bin","MALLOC_ARENA_MAX=2"],"Entrypoint":["/app/java/bin/java","-Xmx192m","-XX:+UseSerialGC","-XX:+ExitOnOutOfMemoryError","-Duser.home=/data","-jar","/app/copilot.jar"]},
"rootfs":{"type":"layers","diff_ids":["sha256:$sum"]}}
JSON
echo '[{"Config":"config.json","RepoTags":["localhost/devops-copilot:1"],"Layers":["layer.tar"]}]' >"$work/manifest.json"
tar -C "$work" -cf "$out" manifest.json config.json layer.tar
echo "$out: $(($(stat -c %s "$out") >> 20)) MB"
