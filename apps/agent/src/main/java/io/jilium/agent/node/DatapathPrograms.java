// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import io.jilium.core.model.IpAddress;
import io.jilium.core.settings.ServiceSettings.Dispatch;
import io.jilium.core.settings.Settings;
import io.jilium.datapath.Aggregation;
import io.jilium.datapath.Datapath;
import io.jilium.datapath.DatapathConfig;
import io.jilium.datapath.DeviceMap;
import io.jilium.datapath.EndpointMap;
import io.jilium.datapath.FrontendKey;
import io.jilium.datapath.Hook;
import io.jilium.datapath.IpcacheMap;
import io.jilium.datapath.Jiffies;
import io.jilium.datapath.MapSizes;
import io.jilium.datapath.RuntimeMap;
import io.jilium.datapath.ServiceSizes;
import io.jilium.linux.netlink.NetlinkSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The programs and maps of the node, pinned below one directory of a bpffs. */
public final class DatapathPrograms implements Programs {
  private static final Logger LOG = LoggerFactory.getLogger(DatapathPrograms.class);

  /** Where something was attached by this process. */
  private record Attached(int ifindex, Place place) {}

  private final Path directory;
  private final NetlinkSocket netlink;
  private final int hz;
  private final Map<String, Attached> attached = new ConcurrentHashMap<>();
  private final Accelerations accelerations = new Accelerations();
  private volatile Optional<Datapath> datapath = Optional.empty();
  private Optional<ProgramSettings> loaded = Optional.empty();

  /** hz: ticks a second of the kernel's clock. */
  public DatapathPrograms(Path directory, NetlinkSocket netlink, int hz) {
    this.directory = directory;
    this.netlink = netlink;
    this.hz = hz;
  }

  /** Whether the node's stack forwards what is not for a pod. Any thread. */
  public boolean stackForwards() {
    return open().config().stackForwards();
  }

  /** Once loaded. Any thread. */
  public Datapath datapath() {
    return open();
  }

  @Override
  public boolean load(ProgramSettings settings) {
    if (loaded.equals(Optional.of(settings))) {
      return false;
    }
    var config = config(settings);
    if (datapath.isPresent()) {
      datapath.get().reload(config);
    } else {
      var fresh = Datapath.load(directory, config, netlink);
      fresh.notices().forEach(LOG::info);
      datapath = Optional.of(fresh);
    }
    var settingsNow = settings.settings();
    runtime()
        .aggregation(
            aggregation(settingsNow), Jiffies.ticks(settingsNow.bpf().monitorInterval(), hz));
    LOG.info("programs loaded in {} ms", loadedIn());
    loaded = Optional.of(settings);
    return true;
  }

  private long loadedIn() {
    return open().loadTime().toMillis();
  }

  private DatapathConfig config(ProgramSettings wanted) {
    var settings = wanted.settings();
    var routing = settings.routing();
    return new DatapathConfig(
        new DatapathConfig.Addresses(
            wanted.routerIpv4(), wanted.routerIpv6(), wanted.nodeIpv4(), wanted.nodeIpv6()),
        new DatapathConfig.Devices(wanted.hostIndex(), wanted.netIndex(), wanted.overlayIndex()),
        new DatapathConfig.Tunnel(routing.isTunnel(), routing.tunnelPort()),
        new DatapathConfig.Masquerade(
            settings.masquerade().v4(),
            settings.masquerade().v6(),
            routing.nativeCidrV4(),
            routing.nativeCidrV6(),
            settings.jilium().natPortMin(),
            settings.jilium().natPortMax()),
        settings.families().v4(),
        settings.families().v6(),
        wanted.podMtu(),
        Jiffies.ticks(settings.jilium().flowRevalidation(), hz),
        settings.jilium().captureBytes(),
        true,
        wanted.stackForwards(),
        services(wanted),
        sizes(settings));
  }

  /** Beside netfilter rules for services packets are theirs; the sizes are those of sockets too. */
  private static DatapathConfig.Services services(ProgramSettings wanted) {
    var services = wanted.settings().services();
    return new DatapathConfig.Services(
        services.sockets() && !wanted.stackForwards(),
        switch (services.mode()) {
          case SNAT -> DatapathConfig.DirectReturn.NONE;
          case HYBRID -> DatapathConfig.DirectReturn.TCP;
          case DSR -> DatapathConfig.DirectReturn.TCP_AND_UDP;
        },
        services.dispatch() == Dispatch.IPIP
            ? DatapathConfig.Dispatch.IP_IN_IP
            : DatapathConfig.Dispatch.OPTION,
        ServiceSizes.of(services.sockets() ? services.mapMax() : 1, services.maglev().tableSize()));
  }

  private static MapSizes sizes(Settings settings) {
    var usual = MapSizes.DEFAULT;
    return new MapSizes(
        flows(settings.bpf()),
        settings.jilium().endpointMax(),
        settings.jilium().ipcacheMax(),
        usual.devices(),
        settings.jilium().fragmentMax(),
        usual.metrics(),
        usual.eventBytes());
  }

  /** TCP and the others share one table. */
  private static int flows(Settings.Bpf bpf) {
    int wanted = bpf.ctTcpMax() + bpf.ctAnyMax();
    return wanted > 0
        ? wanted
        : MapSizes.flows(MapSizes.machineMemory().orElse(0), bpf.mapDynamicSizeRatio());
  }

  private static Aggregation aggregation(Settings settings) {
    return switch (settings.bpf().monitorAggregation()) {
      case NONE -> Aggregation.NONE;
      case LOWEST, LOW -> Aggregation.LOW;
      case MEDIUM -> Aggregation.MEDIUM;
      case MAXIMUM -> Aggregation.MAXIMUM;
    };
  }

  @Override
  public boolean attach(String device, int ifindex, Place place) {
    var wanted = new Attached(ifindex, place);
    if (wanted.equals(attached.get(device)) && isWhole(device, wanted)) {
      return false;
    }
    var open = open();
    switch (place) {
      case UNDERLAY -> open.attachUnderlay(device, ifindex);
      case HOST -> open.attachHost(device, ifindex);
      case OVERLAY -> open.attachOverlay(device, ifindex);
      case POD -> open.attachPod(device, ifindex);
    }
    attached.put(device, wanted);
    return true;
  }

  @Override
  public boolean isAttached(String device, int ifindex, Place place) {
    var wanted = new Attached(ifindex, place);
    return wanted.equals(attached.get(device)) && isWhole(device, wanted);
  }

  private boolean isWhole(String device, Attached wanted) {
    return hooks(wanted.place()).stream()
        .allMatch(hook -> open().isAttached(hook, device, wanted.ifindex()));
  }

  @Override
  public Optional<String> accelerate(String device, int ifindex) {
    var wanted = loaded.orElseThrow().settings().services().acceleration();
    return accelerations.ensure(open(), wanted, device, ifindex);
  }

  @Override
  public List<String> problems() {
    return accelerations.problems();
  }

  private static List<Hook> hooks(Place place) {
    return switch (place) {
      case UNDERLAY -> List.of(Hook.FROM_NETDEV, Hook.TO_NETDEV);
      case HOST -> List.of(Hook.FROM_HOST);
      case OVERLAY -> List.of(Hook.FROM_OVERLAY);
      case POD -> List.of(Hook.FROM_POD);
    };
  }

  @Override
  public boolean detach(String device) {
    attached.remove(device);
    accelerations.forget(device);
    return open().detach(device);
  }

  @Override
  public List<String> retain(Set<String> devices) {
    attached.keySet().retainAll(devices);
    accelerations.retain(devices);
    return open().retain(devices);
  }

  @Override
  public Set<String> attachedDevices() {
    var devices = new TreeSet<>(attached.keySet());
    datapath.ifPresent(open -> devices.addAll(open.attachedDevices()));
    return devices;
  }

  @Override
  public List<String> hooks(String device) {
    var found = attached.get(device);
    if (found == null) {
      return List.of();
    }
    var mode = attachMode().equals("TCX") ? "tcx" : "tc";
    var texts = new ArrayList<String>();
    if (accelerations.isAttached(device)) {
      texts.add(Hook.XDP_NETDEV.program() + " (xdp)");
    }
    hooks(found.place())
        .forEach(hook -> texts.add("%s (%s %s)".formatted(hook.program(), mode, hook.direction())));
    return texts;
  }

  @Override
  public String attachMode() {
    return datapath.map(Datapath::attachMode).orElse("");
  }

  @Override
  public int epoch() {
    return datapath.map(open -> open.runtime().epoch()).orElse(0);
  }

  @Override
  public void servicesChanged(Collection<FrontendKey> changed) {
    datapath.ifPresent(open -> open.serviceChanges().count(changed));
  }

  @Override
  public void reload() {
    datapath.ifPresent(open -> open.reload(open.config()));
  }

  @Override
  public void settle() {
    open().settle().forEach(LOG::info);
  }

  @Override
  public EndpointMap endpoints() {
    return open().endpoints();
  }

  @Override
  public IpcacheMap ipcache() {
    return open().ipcache();
  }

  @Override
  public DeviceMap devices() {
    return open().devices();
  }

  @Override
  public RuntimeMap runtime() {
    return open().runtime();
  }

  /** Whether maps have this address as it is wanted; for checks from any thread. */
  @Override
  public boolean has(IpAddress address, int ifindex) {
    return endpoints()
        .lookup(new io.jilium.datapath.EndpointKey(address))
        .filter(entry -> entry.ifindex() == ifindex)
        .isPresent();
  }

  @Override
  public void close() {
    datapath.ifPresent(Datapath::close);
  }

  private Datapath open() {
    return datapath.orElseThrow(() -> new IllegalStateException("the programs are not loaded yet"));
  }
}
