// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RulesTest extends NamespaceTest {
  @Test
  void addsListsAndDeletesBothFamilies() {
    for (var family : Family.values()) {
      var prefix = Prefix.parse(family == Family.IPV4 ? "10.1.0.0/24" : "fd01::/64");
      var rules =
          List.of(
              Rule.lookup(family, 9, 2004).mark(0x200, 0xf00).protocol(4),
              Rule.lookup(family, 20, 255).from(prefix),
              Rule.lookup(family, 21, 1000).to(prefix).inputDevice("lo"),
              Rule.lookup(family, 22, 1000).outputDevice("nobody"));
      for (Rule rule : rules) {
        assertThat(kernel.apply(Rules.add(rule))).isTrue();
        assertThat(kernel.apply(Rules.add(rule))).isFalse();
      }
      assertThat(kernel.list(Rules.all(family))).containsAll(rules);
      for (Rule rule : rules) {
        assertThat(kernel.apply(Rules.delete(rule))).isTrue();
        assertThat(kernel.apply(Rules.delete(rule))).isFalse();
      }
      assertThat(kernel.list(Rules.all(family))).doesNotContainAnyElementsOf(rules);
    }
  }
}
