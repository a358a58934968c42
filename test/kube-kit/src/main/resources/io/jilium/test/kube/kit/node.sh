#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The first process of a node, in the node's own namespaces. It lays the node's directories over the machine's, runs
# containerd and the kubelet, and takes in the processes that their parents leave behind.
# Environment: NODE, ADDRESSES (of each family one, with commas), DIR (what the node keeps), PROGRAMS, IMAGES, PAUSE (image reference), KUBECONFIG, DNS,
# KUBELET_CLIENT (the certificate with which the API server comes to the kubelet).
set -eu
umask 022
PATH=$PROGRAMS:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
hostname "$NODE"

# sysfs shows the devices of the network namespace it is mounted in; with a new one come new mounts below it.
own=$(grep -v '^0:' /proc/self/cgroup | cut -d: -f2)
mount -t sysfs none /sys
mount -t bpf none /sys/fs/bpf
mount -t tmpfs -o mode=0755 none /sys/fs/cgroup
for group in $own; do
	case $group in
	name=*) place=${group#name=} options=none,$group ;;
	*) place=$group options=$group ;;
	esac
	mkdir "/sys/fs/cgroup/$place"
	mount -t cgroup -o "$options" none "/sys/fs/cgroup/$place"
done
mkdir /sys/fs/cgroup/unified
mount -t cgroup2 none /sys/fs/cgroup/unified

# What a node keeps lies in DIR; /run starts empty, as after a boot.
mkdir -p "$DIR/var/lib" "$DIR/var/log" "$DIR/var/tmp" "$DIR/var/cache" "$DIR/opt/cni/bin" "$DIR/etc/upper" "$DIR/etc/work"
[ -L "$DIR/var/run" ] || ln -s /run "$DIR/var/run"
mount -t tmpfs -o mode=0755 none /run
mount -t overlay -o "lowerdir=/etc,upperdir=$DIR/etc/upper,workdir=$DIR/etc/work" none /etc
mount --bind "$DIR/var" /var
mount --bind "$DIR/opt" /opt
mount --make-rshared / # mounts that pods propagate
mkdir -p /run/lock /run/netns /etc/cni/net.d /etc/containerd /etc/kubernetes
echo "$NODE" >/etc/hostname
[ -e /opt/cni/bin/loopback ] || cp /usr/lib/cni/loopback /opt/cni/bin/ # containerd calls it for every pod

cat >/etc/containerd/config.toml <<END
version = 2
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "$PAUSE"
disable_apparmor = true
restrict_oom_score_adj = true # lowering a score needs CAP_SYS_RESOURCE
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/opt/cni/bin"
conf_dir = "/etc/cni/net.d"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
END
cat >/etc/kubernetes/kubelet.yaml <<END
kind: KubeletConfiguration
apiVersion: kubelet.config.k8s.io/v1beta1
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
cgroupDriver: cgroupfs
failCgroupV1: false
failSwapOn: false
authentication:
  anonymous: {enabled: false}
  webhook: {enabled: false}
  x509: {clientCAFile: $KUBELET_CLIENT}
authorization: {mode: AlwaysAllow}
clusterDomain: cluster.local
clusterDNS: [$DNS]
resolvConf: ""
volumePluginDir: /var/lib/kubelet/plugins
# The disk is shared with the machine: that it is full is nothing that evicting pods would mend.
evictionHard: {nodefs.available: 0%, nodefs.inodesFree: 0%, imagefs.available: 0%}
imageGCHighThresholdPercent: 100
END

containerd >>"$DIR/containerd.log" 2>&1 &
until ctr version >/dev/null 2>&1; do sleep 0.1; done
# The kubelet may start at once: images that are not there yet are only missed when a pod asks for them.
cat >/run/start-kubelet <<END
exec kubelet --config=/etc/kubernetes/kubelet.yaml --hostname-override="\$1" --node-ip="\$2" --kubeconfig="\$3" \
	>>"$DIR/kubelet.log" 2>&1
END
sh /run/start-kubelet "$NODE" "$ADDRESSES" "$KUBECONFIG" &
if [ ! -e "$DIR/images-loaded" ]; then
	for image in "$IMAGES"/*.tar; do ctr -n k8s.io images import "$image" >>"$DIR/images.log" 2>&1; done
	: >"$DIR/images-loaded"
fi
while :; do
	wait # returns when containerd and the kubelet have both ended, and reaps orphans meanwhile
	sleep 1
done
