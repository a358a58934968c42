// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpMapping;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.Node;
import io.jilium.core.model.NodeAddress;
import io.jilium.core.model.NumericIdentity;
import io.jilium.core.model.PodName;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonTest {
  static final Node NODE =
      new Node(
          "node-1",
          "default",
          0,
          List.of(
              new NodeAddress(NodeAddress.Type.INTERNAL_IP, IpAddress.parse("172.30.0.1")),
              new NodeAddress(NodeAddress.Type.CILIUM_INTERNAL_IP, IpAddress.parse("10.244.0.1"))),
          List.of(IpPrefix.parse("10.244.0.0/24"), IpPrefix.parse("fd00:10:244::/64")),
          List.of(IpAddress.parse("10.244.0.2")),
          Map.of("kubernetes.io/os", "linux"),
          "boot");

  @Test
  void nodesAreWrittenAsCiliumWritesThem() {
    assertThat(NodeJson.write(NODE))
        .contains("\"Name\":\"node-1\"")
        .contains("{\"Type\":\"CiliumInternalIP\",\"IP\":\"10.244.0.1\"}")
        .contains("\"IPv4AllocCIDR\":{\"IP\":\"10.244.0.0\",\"Mask\":\"////AA==\"}")
        .contains("\"IPv4HealthIP\":\"10.244.0.2\"")
        .contains("\"BootID\":\"boot\"");
    assertThat(NodeJson.read(NodeJson.write(NODE))).isEqualTo(NODE);
  }

  @Test
  void addressesAreWrittenAsCiliumWritesThem() {
    var mapping =
        new IpMapping(
            IpAddress.parse("10.244.0.7"),
            IpAddress.parse("172.30.0.1"),
            new NumericIdentity(4711),
            new PodName("default", "web"),
            0);
    assertThat(IpMappingJson.write(mapping))
        .isEqualTo(
            "{\"IP\":\"10.244.0.7\",\"Mask\":null,\"HostIP\":\"172.30.0.1\",\"ID\":4711,\"Key\":0,"
                + "\"Metadata\":\"\",\"K8sNamespace\":\"default\",\"K8sPodName\":\"web\"}");
    assertThat(IpMappingJson.read(IpMappingJson.write(mapping))).isEqualTo(mapping);
  }

  @Test
  void mergingTheCiliumNodeLeavesTheOperatorsFields() {
    var before =
        Json.parse(
            "{\"spec\":{\"ipam\":{\"podCIDRs\":[\"10.9.0.0/24\"]}},\"status\":{\"ipam\":{\"operator-status\":"
                + "{\"error\":\"x\"}}}}");
    String after = Json.write(ResourceJson.merge(before, NODE));
    assertThat(ResourceJson.assignedByCilium(after).podCidrs())
        .containsExactly(IpPrefix.parse("10.9.0.0/24"));
    assertThat(ResourceJson.assignedByCilium(after).error()).isEqualTo("x");
    assertThat(after).contains("{\"type\":\"InternalIP\",\"ip\":\"172.30.0.1\"}");
  }

  @ParameterizedTest(name = "{0} {1} stands at {2}")
  @CsvSource({
    "v1, Pod, jilium/resources/pods/",
    "v1, Namespace, jilium/resources/namespaces/",
    "discovery.k8s.io/v1, EndpointSlice, jilium/resources/endpointslices.discovery.k8s.io/",
    "networking.k8s.io/v1, NetworkPolicy, jilium/resources/networkpolicies.networking.k8s.io/",
    "networking.k8s.io/v1, Ingress, jilium/resources/ingresses.networking.k8s.io/",
    "cilium.io/v2, CiliumNode, jilium/resources/ciliumnodes.cilium.io/",
  })
  void kindsHavePlurals(String apiVersion, String kind, String prefix) {
    assertThat(ResourceKind.of(apiVersion, kind).prefix()).isEqualTo(prefix);
  }

  @Test
  void nobodyElseImportsEtcd() throws IOException {
    var importers = new ArrayList<Path>();
    Files.walkFileTree(
        Path.of("../.."),
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            // What other modules build comes and goes meanwhile.
            boolean skipped = directory.endsWith("target") || directory.endsWith(".git");
            return skipped ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            var name = file.toString();
            if (name.endsWith(".java") && !name.contains("source/etcd") && importsEtcd(file)) {
              importers.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    assertThat(importers).isEmpty();
  }

  private static boolean importsEtcd(Path file) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.anyMatch(line -> line.startsWith("import io.etcd."));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
