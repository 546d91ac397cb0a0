#!/usr/bin/env bash
# Builds the Kubernetes programs from their Go modules into DIR, unless they are there.
# usage: build.sh DIR
set -euo pipefail
kubernetes=1.34.4
etcd=3.6.4
dir=$1
programs="kube-apiserver kube-controller-manager kube-scheduler kubelet kubectl etcd"
for p in $programs; do [ -x "$dir/$p" ] || missing=yes; done
[ -n "${missing:-}" ] || exit 0
command -v go >/dev/null || { echo "building Kubernetes needs Go 1.24 or newer" >&2; exit 77; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$dir"
cd "$work"
cat >go.mod <<MOD
module one-node
go 1.24.0
MOD
# Kubernetes names its own libraries v0.0.0 and finds them beside itself; outside of its tree each has a version.
source=$(go mod download -json "k8s.io/kubernetes@v$kubernetes" | sed -n 's/^.*"Dir": "\(.*\)".*$/\1/p')
for library in $(sed -n 's|^\s*\(k8s.io/[a-z0-9-]*\) => ./staging/.*|\1|p' "$source/go.mod" | sort -u); do
  go mod edit -replace "$library=$library@v0.${kubernetes#*.}"
done
go mod edit -require "k8s.io/kubernetes@v$kubernetes" -require "go.etcd.io/etcd/server/v3@v$etcd"
cat >programs.go <<'GO'
//go:build never

package programs

import (
	_ "go.etcd.io/etcd/server/v3"
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
	_ "k8s.io/kubernetes/cmd/kube-controller-manager"
	_ "k8s.io/kubernetes/cmd/kube-scheduler"
	_ "k8s.io/kubernetes/cmd/kubelet"
	_ "k8s.io/kubernetes/cmd/kubectl"
)
GO
version="-X k8s.io/component-base/version.gitVersion=v$kubernetes -X k8s.io/component-base/version.gitMajor=1"
version="$version -X k8s.io/component-base/version.gitMinor=$(echo "$kubernetes" | cut -d. -f2)"
export GOFLAGS=-mod=mod CGO_ENABLED=0
for p in kube-apiserver kube-controller-manager kube-scheduler kubelet kubectl; do
  echo "building $p" >&2
  go build -trimpath -ldflags "-s -w $version" -o "$dir/$p" "k8s.io/kubernetes/cmd/$p"
done
echo "building etcd" >&2
go build -trimpath -ldflags "-s -w" -o "$dir/etcd" go.etcd.io/etcd/server/v3
