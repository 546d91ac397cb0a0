#!/usr/bin/env bash
# Stops what start.sh started, by process id, removes its pods, mounts and bridge, and puts the kernel's settings back.
. "$(dirname "${BASH_SOURCE[0]}")/node.sh"
[ -d "$state" ] || exit 0
finish controllers 5
finish scheduler 5
if alive apiserver && alive kubelet; then
  timeout 40 "$bin/kubectl" --kubeconfig "$kubeconfig" delete pods -A --all --grace-period=0 --force >/dev/null 2>&1 || true
  for _ in $(seq 40); do [ -n "$(ctr tasks ls -q 2>/dev/null)" ] || break; sleep 0.3; done
fi
finish kubelet 10
if alive containerd; then
  for id in $(ctr tasks ls -q 2>/dev/null); do ctr tasks rm -f "$id" >/dev/null 2>&1 || true; done
  for id in $(ctr containers ls -q 2>/dev/null); do ctr containers rm "$id" >/dev/null 2>&1 || true; done
fi
finish containerd 10
finish apiserver 5
finish etcd 5
for dir in /proc/[0-9]*; do # a shim outlives its containerd; ours name our socket
  case "$({ tr '\0' ' ' <"$dir/cmdline"; } 2>/dev/null)" in
    *containerd-shim*"$socket"*) kill -9 "${dir#/proc/}" 2>/dev/null || true ;;
  esac
done
grep " $state/" /proc/mounts | cut -d' ' -f2 | sort -r | xargs -r -n1 umount -l 2>/dev/null || true
for ns in /var/run/netns/cni-*; do
  [ -e "$ns" ] || continue
  case "$(nsenter --net="$ns" ip -4 -brief address 2>/dev/null)" in
    *" 10.245.0."*) umount -l "$ns" 2>/dev/null || true; rm -f "$ns" ;;
  esac
done
ip link delete "$bridge" 2>/dev/null || true
[ ! -s "$state/sysctl" ] || while IFS== read -r key value; do echo "$value" >"/proc/sys/${key//.//}" 2>/dev/null || true; done <"$state/sysctl"
rm -rf "$state"
note "stopped"
