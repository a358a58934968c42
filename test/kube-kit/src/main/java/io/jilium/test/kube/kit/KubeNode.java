// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube.kit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A node: a containerd and a kubelet in namespaces of their own, with a network device, a process
 * tree, a hostname, and their own /run, /var, /opt, /etc and BPF file system.
 */
public final class KubeNode {
  private static final Duration BOOT = Duration.ofSeconds(60);

  /** Of its files and namespaces; its first name in Kubernetes. */
  private final String place;

  private final KubePrograms programs;
  private final KubeImages images;
  private final ClusterPlaces places;
  private final ClusterNetwork network;
  private final Daemon machine;
  private String name;
  private int number;

  KubeNode(
      int number,
      KubePrograms programs,
      KubeImages images,
      ClusterPlaces places,
      ClusterNetwork network) {
    this.place = name(number);
    this.name = place;
    this.number = number;
    this.programs = programs;
    this.images = images;
    this.places = places;
    this.network = network;
    this.machine = new Daemon(places.directory().resolve("run"), place);
  }

  private static String name(int number) {
    return "node-" + number;
  }

  /** In Kubernetes. */
  public String name() {
    return name;
  }

  /** Of IPv4. */
  public String address() {
    return network.nodeAddress(number);
  }

  int number() {
    return number;
  }

  /** Boots it unless it runs; returns when commands can be run on it. */
  public void start() {
    network.createNode(place, number);
    ControlGroups.create(group());
    try {
      Files.createDirectories(places.node(place));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    machine.start(
        Command.of(
                "sh",
                "-c",
                ControlGroups.ENTER
                    + "exec nsenter --net=\"$NETWORK\" unshare --mount --uts --ipc --pid --cgroup"
                    + " --fork --kill-child --mount-proc sh -c \"$SCRIPT\" node")
            .environment("SCRIPT", Resources.text("node.sh"))
            .environment("GROUP", group())
            .environment("NETWORK", ClusterPlaces.namespaceFile(group()).toString())
            .environment("NODE", name)
            .environment("ADDRESSES", String.join(",", network.nodeAddresses(number)))
            .environment("DIR", places.node(place).toString())
            .environment("PROGRAMS", programs.program("").toString())
            .environment("IMAGES", images.directory().toString())
            .environment("PAUSE", images.reference("pause"))
            .environment("KUBECONFIG", places.kubeconfig(name).toString())
            .environment("KUBELET_CLIENT", places.kubeletClient().toString())
            .environment("DNS", ClusterSpec.DNS_ADDRESS)
            .in(Path.of("/")));
    var containerd = exec("ctr", "version");
    Waiting.until(
        name + "'s containerd",
        BOOT,
        () -> !machine.isRunning() || containerd.attempt().succeeded(),
        () -> machine.tail(5));
    if (!machine.isRunning()) {
      throw new KubeException(name + " ended: " + machine.tail(5));
    }
  }

  /**
   * Takes its address away and gives it that of another number. This object alone remembers it: not
   * for a machine that is to boot again.
   */
  public void changeAddress(int to) {
    network.changeAddress(place, number, to);
    number = to;
    startKubeletAnew();
  }

  /** Gives it the name of another number, which registers as a new node. As above. */
  public void changeName(int to) {
    name = name(to);
    startKubeletAnew();
  }

  private void startKubeletAnew() {
    exec(
            "sh",
            "-c",
            "pid=$(pidof kubelet) && kill $pid && while [ -d /proc/$pid ]; do sleep 0.1; done;"
                + " hostname \"$1\"; setsid sh /run/start-kubelet \"$@\" &",
            "start-kubelet",
            name,
            String.join(",", network.nodeAddresses(number)),
            places.kubeconfig(name).toString())
        .run();
  }

  /** Cuts its power: everything on it ends at once; its disk stays. */
  public void stop() {
    machine.stop(Duration.ZERO);
    // The file systems of its pods are unmounted with its last process.
    ControlGroups.remove(group());
  }

  public boolean isRunning() {
    return machine.isRunning();
  }

  /** Stops it and throws it away, its disk too. */
  void remove() {
    stop();
    network.removeNode(place);
    Command.of("rm", "-rf", "--one-file-system", places.node(place).toString()).run();
  }

  /** A command in all of its namespaces and in its control groups. */
  public Command exec(String... words) {
    return exec(List.of(words));
  }

  /** As above. */
  public Command exec(List<String> words) {
    return Command.of("sh", "-c", ControlGroups.ENTER + "exec nsenter --all -t \"$@\"", "node")
        .with(List.of(Long.toString(firstProcess()), "--"))
        .with(words)
        .environment("GROUP", group())
        .environment(
            "PATH",
            programs.program("") + ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        .in(Path.of("/"));
  }

  /**
   * A command of this machine in the network of a pod on this node, and in nothing else of it.
   *
   * @param address the pod's
   */
  public Command inPod(String address, String... words) {
    var found =
        exec(
                "sh",
                "-c",
                "for n in $(ls /run/netns); do"
                    + " ip -n $n -o addr show | grep -qF \" $0/\" && echo $n && exit; done; exit 1",
                address)
            .attempt();
    if (!found.succeeded()) {
      throw new KubeException("no pod on %s has %s".formatted(name, address));
    }
    return Command.of(
            "nsenter",
            "--net=/proc/%d/root/run/netns/%s".formatted(firstProcess(), found.output().strip()),
            "--")
        .with(List.of(words));
  }

  /** A file of the node, as this machine sees it: below /var, /opt, or changed in /etc. */
  public Path file(String path) {
    String inside = path.startsWith("/etc/") ? "etc/upper/" + path.substring(5) : path.substring(1);
    return places.node(place).resolve(inside);
  }

  /** Gives the node's containerd the images of an archive, as Docker or OCI write them. */
  public void load(Path archive) {
    exec("ctr", "-n", "k8s.io", "images", "import", archive.toAbsolutePath().toString()).run();
  }

  /** The process that is 1 inside: the only child of the one that made the namespaces. */
  private long firstProcess() {
    long parent =
        machine
            .find()
            .orElseThrow(() -> new KubeException(name + " does not run: " + machine.tail(5)))
            .pid();
    var children = Path.of("/proc/%1$d/task/%1$d/children".formatted(parent));
    try {
      Waiting.until(
          name + "'s first process",
          BOOT,
          () -> {
            try {
              return !Files.readString(children).isBlank();
            } catch (IOException e) {
              throw new KubeException(name + " ended: " + machine.tail(5), e);
            }
          });
      return Long.parseLong(Files.readString(children).strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String group() {
    return places.nodeNamespace(place);
  }
}
