// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.ipcache;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.agent.node.Samples;
import io.jilium.core.model.Endpoint;
import io.jilium.core.model.EndpointState;
import io.jilium.core.model.IpMapping;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.Labels;
import io.jilium.core.model.MacAddress;
import io.jilium.core.model.NumericIdentity;
import io.jilium.core.model.PodName;
import io.jilium.core.settings.Settings;
import io.jilium.datapath.IpcacheEntry;
import io.jilium.datapath.IpcacheFlag;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class IpcacheTableTest {
  private static final ClaimRules TUNNEL =
      new ClaimRules(true, new Settings.Families(true, true), ClaimSource.KVSTORE);
  private static final ClaimRules NATIVE =
      new ClaimRules(false, new Settings.Families(true, false), ClaimSource.KVSTORE);

  private final List<IpPrefix> changed = new ArrayList<>();
  private final IpcacheTable table = new IpcacheTable(changed::add);

  @Test
  void theWorldHasANumberForEachFamilyWhereThereAreTwo() {
    table.set("world", TUNNEL.world());
    assertThat(identity("0.0.0.0/0")).isEqualTo(9);
    assertThat(identity("::/0")).isEqualTo(10);
    table.set("world", NATIVE.world());
    assertThat(identity("0.0.0.0/0")).isEqualTo(2);
  }

  @Test
  void anotherNodesAddressesAreKnownByWhatTheyAre() {
    table.set("node/lab/node-2", TUNNEL.node(Samples.node(2)));
    assertThat(entry("172.30.0.2/32"))
        .returns(6, e -> e.identity().value())
        .returns(IpcacheFlag.REMOTE_NODE.number(), IpcacheEntry::flags)
        .returns(Samples.ip("0.0.0.0"), IpcacheEntry::tunnelEndpoint);
    assertThat(entry("10.244.2.1/32"))
        .returns(6, e -> e.identity().value())
        .returns(Samples.ip("172.30.0.2"), IpcacheEntry::tunnelEndpoint)
        .matches(e -> e.has(IpcacheFlag.TUNNEL) && e.has(IpcacheFlag.CLUSTER));
    assertThat(entry("10.244.2.2/32")).returns(4, e -> e.identity().value());
    assertThat(entry("fd00:10:244:2::/64"))
        .returns(10, e -> e.identity().value())
        .returns(Samples.ip("172.30.0.2"), IpcacheEntry::tunnelEndpoint)
        .matches(e -> e.has(IpcacheFlag.TUNNEL) && e.has(IpcacheFlag.CLUSTER));
  }

  @Test
  void nativeRoutingNeverEncapsulates() {
    table.set("node/lab/node-2", NATIVE.node(Samples.node(2)));
    table.set("address/10.244.2.9", NATIVE.mapping(mapping("10.244.2.9", 500)));
    assertThat(table.rows().values()).noneMatch(e -> e.has(IpcacheFlag.TUNNEL));
    assertThat(entry("10.244.2.9/32")).matches(e -> e.has(IpcacheFlag.CLUSTER));
  }

  @Test
  void whatThisNodeKnowsOfItsPodsWinsOverTheStore() {
    table.set("address/10.244.1.9", TUNNEL.mapping(mapping("10.244.1.9", 500)));
    assertThat(identity("10.244.1.9/32")).isEqualTo(500);
    table.set("endpoint/12", TUNNEL.endpoint(endpoint("10.244.1.9", 600)));
    assertThat(identity("10.244.1.9/32")).isEqualTo(600);
    assertThat(entry("10.244.1.9/32")).returns(Samples.ip("0.0.0.0"), IpcacheEntry::tunnelEndpoint);
    table.clear("endpoint/12");
    assertThat(identity("10.244.1.9/32")).isEqualTo(500);
  }

  @Test
  void aPodWithoutIdentityIsInit() {
    table.set("endpoint/12", TUNNEL.endpoint(endpoint("10.244.1.9", 0)));
    assertThat(identity("10.244.1.9/32")).isEqualTo(5);
  }

  @Test
  void theOwnPodCidrStaysInTheCluster() {
    table.set(
        "self",
        TUNNEL.self(List.of(Samples.ip("172.30.0.1")), List.of(Samples.prefix("10.244.1.0/24"))));
    assertThat(entry("10.244.1.0/24")).matches(e -> e.has(IpcacheFlag.CLUSTER));
    assertThat(identity("172.30.0.1/32")).isEqualTo(1);
  }

  @Test
  void tellsOnlyWhatMayHaveChanged() {
    table.set("node/lab/node-2", TUNNEL.node(Samples.node(2)));
    changed.clear();
    table.set("node/lab/node-2", TUNNEL.node(Samples.node(2)));
    assertThat(changed).isEmpty();
    table.clear("node/lab/node-2");
    assertThat(table.rows()).isEmpty();
    assertThat(table.snapshot()).isEmpty();
  }

  @Test
  void claimsOfOneSourceAreDecidedByTheirResource() {
    var one = claim("a");
    var two = claim("b");
    assertThat(Claim.winner(List.of(two, one))).contains(one);
    assertThat(Claim.winner(List.of())).isEmpty();
  }

  private static Claim claim(String resource) {
    return new Claim(
        resource,
        ClaimSource.KVSTORE,
        new NumericIdentity(300),
        Optional.empty(),
        0,
        0,
        PodName.NONE);
  }

  private int identity(String prefix) {
    return entry(prefix).identity().value();
  }

  private IpcacheEntry entry(String prefix) {
    return table.row(Samples.prefix(prefix)).orElseThrow();
  }

  private static IpMapping mapping(String address, int identity) {
    return new IpMapping(
        Samples.ip(address),
        Samples.ip("172.30.0.2"),
        new NumericIdentity(identity),
        new PodName("default", "p"),
        0);
  }

  private static Endpoint endpoint(String address, int identity) {
    return new Endpoint(
        12,
        "c",
        "lxc1",
        9,
        "eth0",
        "",
        new PodName("default", "p"),
        Labels.k8s(Map.of("a", "b")),
        new NumericIdentity(identity),
        List.of(Samples.ip(address)),
        MacAddress.ZERO,
        MacAddress.ZERO,
        EndpointState.READY);
  }
}
