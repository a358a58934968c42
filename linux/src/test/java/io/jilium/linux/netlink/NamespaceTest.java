// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.linux.sys.LiveResource;
import io.jilium.linux.sys.Netns;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;

/** Gives each test a network namespace of its own, and fails it if it leaves a descriptor open. */
@Tag("kernel")
abstract class NamespaceTest {
  private Set<LiveResource> before = Set.of();
  Netns netns;
  NetlinkSocket kernel;

  @SuppressWarnings("NullAway.Init") // JUnit calls open() before each test.
  NamespaceTest() {}

  @BeforeEach
  void open() {
    before = Set.copyOf(LiveResource.all());
    netns = Netns.createUnnamed();
    kernel = NetlinkSocket.open(netns);
    kernel.apply(Links.set("lo", LinkSettings.none().up()));
  }

  @AfterEach
  void closeAndFindLeaks() {
    kernel.close();
    netns.close();
    var left = new HashSet<>(LiveResource.all());
    left.removeAll(before);
    assertThat(left).as("left open").isEmpty();
  }

  /**
   * A new device that is up and has carrier, with these addresses; its veth peer is called NAMEp.
   */
  int device(String name, String... addresses) {
    kernel.apply(
        List.of(
            Links.createVeth(LinkSettings.named(name).up(), LinkSettings.named(name + "p")),
            Links.set(name + "p", LinkSettings.none().up())));
    int index = index(name);
    for (String address : addresses) {
      kernel.apply(
          Addresses.add(Address.of(index, Prefix.parse(address)).flags(Address.Flag.NODAD)));
    }
    return index;
  }

  int index(String name) {
    return kernel.find(Links.byName(name)).orElseThrow().index();
  }
}
