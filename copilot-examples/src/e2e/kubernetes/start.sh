#!/usr/bin/env bash
# Starts a real Kubernetes of one node on loopback: etcd, API server, controller manager, scheduler, kubelet, containerd.
# Prints KUBECONFIG=... (context one-node). Exit 77 = this machine can't, or not in time: skipped, loudly. Safe to run again.
# LOG_MAX_SIZE (10Mi) sets when the kubelet rotates.
. "$(dirname "${BASH_SOURCE[0]}")/node.sh"
late=77
[ "$(uname -s)" = Linux ] && [ "$(id -u)" = 0 ] || skip "a node needs Linux and root"
packages=""
for need in containerd:containerd runc:runc busybox:busybox-static openssl:openssl ip:iproute2; do
  command -v "${need%%:*}" >/dev/null || packages="$packages ${need##*:}"
done
[ -x /usr/lib/cni/bridge ] || packages="$packages containernetworking-plugins"
if [ -n "$packages" ]; then
  command -v apt-get >/dev/null || skip "install$packages"
  note "installing$packages"
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends $packages; } \
    >/tmp/copilot-node-packages.log 2>&1 || skip "the packages$packages can't be installed"
fi
timeout 2400 "$here/build.sh" "$bin" || skip "the Kubernetes programs can't be built, or not within 40 minutes"
mkdir -p "$state"/{run,log,pki,etcd,cni,pods,kubelet}

# One authority, a certificate for each part.
sign() { # NAME SUBJECT [EXTENSION]
  [ -s "$state/pki/$1.crt" ] && return
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$state/pki/$1.key" \
    -subj "$2" -out "$state/pki/$1.csr" 2>/dev/null
  openssl x509 -req -days 3650 -in "$state/pki/$1.csr" -CA "$state/pki/ca.crt" -CAkey "$state/pki/ca.key" -CAcreateserial \
    -extfile <(echo "extendedKeyUsage=serverAuth,clientAuth"; [ -z "${3:-}" ] || echo "subjectAltName=$3") \
    -out "$state/pki/$1.crt" 2>/dev/null
}
if [ ! -s "$state/pki/ca.crt" ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj /CN=copilot-test \
    -keyout "$state/pki/ca.key" -out "$state/pki/ca.crt" -addext keyUsage=keyCertSign,digitalSignature 2>/dev/null
  openssl ecparam -name prime256v1 -genkey -noout -out "$state/pki/accounts.key"
  openssl ec -in "$state/pki/accounts.key" -pubout -out "$state/pki/accounts.pub" 2>/dev/null
fi
sign api /CN=api IP:127.0.0.1,DNS:localhost,DNS:kubernetes.default.svc,IP:10.11.0.1
sign node /O=system:nodes/CN=system:node:127.0.0.1 IP:127.0.0.1
sign reads-node /CN=reads-node
for who in admin:/O=system:masters/CN=admin controllers:/CN=system:kube-controller-manager scheduler:/CN=system:kube-scheduler node:; do
  name=${who%%:*}
  [ "$name" = node ] || sign "$name" "${who#*:}"
  cat >"$state/$name.kubeconfig" <<YAML
{apiVersion: v1, kind: Config, current-context: one-node,
 clusters: [{name: one, cluster: {server: "https://127.0.0.1:$api", certificate-authority-data: $(base64 -w0 "$state/pki/ca.crt")}}],
 users: [{name: u, user: {client-certificate-data: $(base64 -w0 "$state/pki/$name.crt"), client-key-data: $(base64 -w0 "$state/pki/$name.key")}}],
 contexts: [{name: one-node, context: {cluster: one, user: u}}]}
YAML
done

# restrict_oom_score_adj: without CAP_SYS_RESOURCE no sandbox starts otherwise.
cat >"$state/containerd.toml" <<TOML
version = 2
root = "$state/containerd"
state = "$state/containerd-run"
[grpc]
address = "$socket"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "localhost/shell:1"
restrict_oom_score_adj = true
stream_server_address = "127.0.0.1"
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "$state/cni"
TOML
echo "{\"cniVersion\":\"0.4.0\",\"name\":\"one\",\"plugins\":[{\"type\":\"bridge\",\"bridge\":\"$bridge\",\"isGateway\":true,
\"ipam\":{\"type\":\"host-local\",\"dataDir\":\"$state/addresses\",\"ranges\":[[{\"subnet\":\"10.245.0.0/24\"}]]}}]}" >"$state/cni/one.conflist"
cat >"$state/kubelet.yaml" <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: 127.0.0.1
port: $kubelet
healthzPort: 0
tlsCertFile: $state/pki/node.crt
tlsPrivateKeyFile: $state/pki/node.key
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $state/pki/ca.crt}}
authorization: {mode: Webhook}
containerRuntimeEndpoint: unix://$socket
cgroupDriver: cgroupfs
failCgroupV1: false
failSwapOn: false
makeIPTablesUtilChains: false
clusterDNS: [127.0.0.1]
clusterDomain: cluster.local
podLogsDir: $state/pods
containerLogMaxSize: ${LOG_MAX_SIZE:-10Mi}
containerLogMaxFiles: 3
containerLogMonitorInterval: 3s
imageGCHighThresholdPercent: 100
evictionHard: {memory.available: 100Mi, nodefs.available: 1%, imagefs.available: 1%}
YAML
[ -s "$state/sysctl" ] || for key in vm.overcommit_memory vm.panic_on_oom kernel.panic kernel.panic_on_oops net.ipv4.ip_forward; do
  echo "$key=$(cat "/proc/sys/${key//.//}")" >>"$state/sysctl"
done

launch etcd "$bin/etcd" --data-dir "$state/etcd" --unsafe-no-fsync --log-level error --listen-client-urls "http://127.0.0.1:$client" \
  --advertise-client-urls "http://127.0.0.1:$client" --listen-peer-urls "http://127.0.0.1:$((client + 1))" \
  --initial-advertise-peer-urls "http://127.0.0.1:$((client + 1))" --initial-cluster "default=http://127.0.0.1:$((client + 1))"
launch containerd containerd --config "$state/containerd.toml"
until_true 120 "containerd answers" ctr version
case "$(ctr images ls -q)" in
  *localhost/shell:1*) ;;
  *)
    # An image of one layer: busybox as shell; it serves as the pods' sandbox too.
    work=$(mktemp -d)
    mkdir -p "$work/layer/bin" "$work/layer/tmp" "$work/layer/data"
    cp "$(command -v busybox)" "$work/layer/bin/busybox"
    for applet in $("$work/layer/bin/busybox" --list); do [ "$applet" = busybox ] || ln -s busybox "$work/layer/bin/$applet"; done
    tar -C "$work/layer" --owner=0 --group=0 --numeric-owner -cf "$work/layer.tar" .
    echo "{\"architecture\":\"$(dpkg --print-architecture)\",\"os\":\"linux\",\"config\":{\"Env\":[\"PATH=/bin\"],\"Cmd\":[\"/bin/sleep\",\"2000000000\"]},
\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:$(sha256sum "$work/layer.tar" | cut -d' ' -f1)\"]}}" >"$work/config.json"
    echo '[{"Config":"config.json","RepoTags":["localhost/shell:1"],"Layers":["layer.tar"]}]' >"$work/manifest.json"
    tar -C "$work" -cf "$work/image.tar" manifest.json config.json layer.tar
    ctr images import "$work/image.tar" >/dev/null
    rm -rf "$work" ;;
esac
launch apiserver "$bin/kube-apiserver" --etcd-servers "http://127.0.0.1:$client" --bind-address 127.0.0.1 --secure-port "$api" \
  --advertise-address 127.0.0.1 --endpoint-reconciler-type none --tls-cert-file "$state/pki/api.crt" \
  --tls-private-key-file "$state/pki/api.key" --client-ca-file "$state/pki/ca.crt" --anonymous-auth=false \
  --authorization-mode Node,RBAC --service-account-issuer https://kubernetes.default.svc \
  --service-account-key-file "$state/pki/accounts.pub" --service-account-signing-key-file "$state/pki/accounts.key" \
  --service-cluster-ip-range 10.11.0.0/24 --kubelet-certificate-authority "$state/pki/ca.crt" \
  --kubelet-preferred-address-types InternalIP --kubelet-client-certificate "$state/pki/reads-node.crt" \
  --kubelet-client-key "$state/pki/reads-node.key"
until_true 300 "the API server is ready" k get --raw /readyz
launch controllers "$bin/kube-controller-manager" --kubeconfig "$state/controllers.kubeconfig" --bind-address 127.0.0.1 \
  --leader-elect=false --root-ca-file "$state/pki/ca.crt" --service-account-private-key-file "$state/pki/accounts.key" \
  --use-service-account-credentials=true --secure-port 20257
launch scheduler "$bin/kube-scheduler" --kubeconfig "$state/scheduler.kubeconfig" --bind-address 127.0.0.1 \
  --leader-elect=false --secure-port 20259
k get clusterrolebinding reads-node >/dev/null 2>&1 ||
  k create clusterrolebinding reads-node --clusterrole=system:kubelet-api-admin --user=reads-node >/dev/null
launch kubelet "$bin/kubelet" --config "$state/kubelet.yaml" --kubeconfig "$state/node.kubeconfig" \
  --hostname-override 127.0.0.1 --root-dir "$state/kubelet" --cert-dir "$state/pki"
until_true 300 "the node is ready" k wait --for=condition=Ready --timeout=1s node/127.0.0.1
until_true 180 "the default service account" k get serviceaccount default
note "node is ready"
echo "KUBECONFIG=$kubeconfig"
