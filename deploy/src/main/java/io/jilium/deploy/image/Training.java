// SPDX-License-Identifier: Apache-2.0
package io.jilium.deploy.image;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.stream.Stream;

/**
 * Ahead-of-time caches of the programs. Such a cache holds for one virtual machine and one class
 * path with the times of its jars, so every program runs once inside a root that is put together
 * from the layers, in namespaces of its own: the agent attaches its programs to a network that
 * nobody else sees.
 */
final class Training {
  /** Runs in the root; $0 is Jilium's directory, $1 the number of pods, $2 a name of its own. */
  private static final String SCRIPT =
      """
      set -u
      record() {
        name=$1
        shift
        java=$0/runtime/bin/java
        exec timeout 60 "$java" -XX:AOTCacheOutput="$0/$name.aot" @"$0/$name.args" "$@"
      }
      sed -i 's/^io.jilium.cli.Main$/io.jilium.cli.AotTraining/' "$0/cli.args"
      (record cli >/tmp/cli.log 2>&1)
      sed -i 's/^io.jilium.cli.AotTraining$/io.jilium.cli.Main/' "$0/cli.args"
      ip link set lo up
      ip link add eth0 type veth peer name eth1
      ip link set eth1 up
      ip address add 192.0.2.1/24 dev eth0
      ip link set eth0 up
      ip route add default via 192.0.2.2
      export KUBERNETES_SERVICE_HOST=127.0.0.1 KUBERNETES_SERVICE_PORT=6443
      mkdir -p /var/run/secrets/kubernetes.io
      ln -s /training /var/run/secrets/kubernetes.io/serviceaccount
      "$0/runtime/bin/java" -cp /training/classes io.jilium.deploy.image.TrainingApi \
        $KUBERNETES_SERVICE_PORT /training/keys >/tmp/api.log 2>&1 &
      api=$!
      # The socket balancer must not meet this machine's sockets: it gets an empty group.
      mkdir /tmp/cgroup
      mount -t cgroup2 cgroup2 /tmp/cgroup
      mkdir "/tmp/cgroup/$2"
      trap 'rmdir "/tmp/cgroup/$2"' EXIT
      record agent --k8s --node=training --set healthChecking=false --set ipam.mode=kubernetes \
        --set kubeProxyReplacement=true --set "cgroup.hostRoot=/tmp/cgroup/$2" >/tmp/agent.log 2>&1 &
      agent=$!
      record operator --k8s --name=training >/tmp/operator.log 2>&1 &
      operator=$!
      for i in $(seq 40); do
        jilium status 2>/dev/null | grep -q '^Kubernetes: *Ok' && break
        sleep 0.25
      done
      jilium status --verbose >/dev/null 2>&1
      jilium endpoint list >/dev/null 2>&1
      jilium bpf ipcache list >/dev/null 2>&1
      export CNI_IFNAME=eth0 CNI_PATH=/opt/cni/bin
      for i in $(seq $1); do
        unshare -n sleep 60 &
        pods="${pods:-} $!"
      done
      for verb in ADD DEL; do
        i=0
        for pod in $pods; do
          i=$((i + 1))
          CNI_COMMAND=$verb CNI_CONTAINERID=c$i CNI_NETNS=/proc/$pod/ns/net \
            CNI_ARGS="K8S_POD_NAMESPACE=default;K8S_POD_NAME=p$i;K8S_POD_UID=pod-$i" \
            /opt/cni/bin/jilium-cni >>/tmp/cni.log 2>&1 <<EOF
      {"cniVersion": "1.0.0", "name": "jilium", "type": "jilium-cni"}
      EOF
        done
      done
      kill "$operator" "$agent"
      wait "$operator" "$agent"
      kill "$api" $pods
      """;

  private static final String NAMESPACES =
      """
      mount --make-rprivate /
      mount -t proc proc "$1/proc"
      mount -t sysfs sysfs "$1/sys"
      mount -t bpf bpf "$1/sys/fs/bpf"
      mount -t tmpfs tmpfs "$1/tmp"
      mount -t tmpfs tmpfs "$1/run"
      mount --rbind /dev "$1/dev"
      exec chroot "$1" /bin/sh -c "$2" "$3" "$4" "$5"
      """;

  private final Path scratch;

  /**
   * @param scratch on the same file system as the layers
   */
  Training(Path scratch) {
    this.scratch = scratch;
  }

  /** Everything but the layers that the caches depend on. */
  static String key() {
    return NAMESPACES + SCRIPT;
  }

  /** Writes the caches into a layer's root. */
  void train(List<Layer> layers, Path target) throws IOException, InterruptedException {
    Path root = scratch.resolve(".training-" + ProcessHandle.current().pid());
    LayerCache.delete(root);
    try {
      for (Layer layer : layers) {
        link(layer.root(), Files.createDirectories(root));
      }
      prepare(Files.createDirectories(root.resolve("training")));
      // Training edits one file; it must not be the layer's own.
      Path arguments = root.resolve(Application.PLACE.substring(1)).resolve("cli.args");
      byte[] content = Files.readAllBytes(arguments);
      Files.delete(arguments);
      Files.write(arguments, content);
      Command.run(
          scratch,
          List.of(
              "unshare",
              "--mount",
              "--net",
              "--pid",
              "--fork",
              "--kill-child",
              "sh",
              "-ec",
              NAMESPACES,
              "sh",
              root.toString(),
              SCRIPT,
              Application.PLACE,
              String.valueOf(TrainingApi.PODS),
              "jilium-training." + ProcessHandle.current().pid()));
      collect(root, target);
    } finally {
      LayerCache.delete(root);
    }
  }

  /** The API server's classes and keys, and what a pod gets to reach it with. */
  private void prepare(Path directory) throws IOException, InterruptedException {
    Path classes =
        Path.of(TrainingApi.class.getProtectionDomain().getCodeSource().getLocation().getPath());
    link(classes, Files.createDirectories(directory.resolve("classes")));
    var keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    var store = List.of("-alias", "api", "-keystore", "keys", "-storepass", TrainingApi.PASSWORD);
    Command.run(
        directory,
        Stream.of(
                List.of(keytool, "-genkeypair", "-keyalg", "RSA", "-dname", "CN=training"),
                List.of("-ext", "san=ip:127.0.0.1", "-storetype", "PKCS12"),
                store)
            .flatMap(List::stream)
            .toList());
    Command.run(
        directory,
        Stream.of(List.of(keytool, "-exportcert", "-rfc", "-file", "ca.crt"), store)
            .flatMap(List::stream)
            .toList());
    Files.writeString(directory.resolve("token"), "training");
  }

  private static void collect(Path root, Path target) throws IOException {
    Path directory = Files.createDirectories(target.resolve(Application.PLACE.substring(1)));
    for (Application.Program program : Application.Program.values()) {
      String name = program.module() + ".aot";
      Path cache = root.resolve(Application.PLACE.substring(1)).resolve(name);
      if (!Files.exists(cache)) {
        throw new ImageException(
            "the training of %s left no cache: run it as root on a kernel with eBPF"
                .formatted(program.command()));
      }
      Files.move(cache, directory.resolve(name));
    }
  }

  /** A tree of hard links; later layers add to earlier ones. */
  private static void link(Path layer, Path root) throws IOException {
    Files.walkFileTree(
        layer,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
              throws IOException {
            Files.createDirectories(root.resolve(layer.relativize(directory)));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Path link = root.resolve(layer.relativize(file));
            Files.deleteIfExists(link);
            Files.createLink(link, file);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
