// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jilium.linux.netlink.BpfFilter.Direction;
import io.jilium.linux.sys.Fd;
import io.jilium.linux.sys.Syscalls;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

class FiltersTest extends NamespaceTest {
  private static final int PROG_LOAD = 5;
  private static final int SCHED_CLS = 3;

  @Test
  void addsListsAndDeletesClsact() {
    int device = device("d0");
    assertThat(kernel.apply(Qdiscs.deleteClsact(device))).isFalse();
    assertThat(kernel.apply(Qdiscs.addClsact(device))).isTrue();
    assertThat(kernel.apply(Qdiscs.addClsact(device))).isFalse();
    assertThat(kernel.list(Qdiscs.of(device))).anyMatch(q -> q.kind().equals("clsact"));
    assertThat(kernel.apply(Qdiscs.deleteClsact(device))).isTrue();
    assertThat(kernel.apply(Qdiscs.deleteClsact(device))).isFalse();
    assertThat(kernel.list(Qdiscs.of(device))).noneMatch(q -> q.kind().equals("clsact"));
  }

  @Test
  void replacesFilterInPlaceAndDeletesOnlyThatOne() {
    int device = device("d0");
    kernel.apply(Qdiscs.addClsact(device));
    try (var first = program(0);
        var second = program(1)) {
      for (var direction : Direction.values()) {
        var mine = new BpfFilter(device, direction, 1, 1, "mine", 0);
        var other = new BpfFilter(device, direction, 2, 1, "other", 0);
        kernel.apply(Filters.replace(mine, first));
        kernel.apply(Filters.replace(other, first));
        int id = kernel.list(Filters.of(device, direction)).getFirst().programId();
        kernel.apply(Filters.replace(mine, second));
        var listed = kernel.list(Filters.of(device, direction));
        assertThat(listed).extracting(BpfFilter::name).containsExactly("mine", "other");
        assertThat(listed.getFirst().programId()).isNotEqualTo(id).isPositive();
        assertThat(listed.getFirst().priority()).isEqualTo(1);
        assertThat(listed.getFirst().handle()).isEqualTo(1);
        assertThat(kernel.apply(Filters.delete(mine))).isTrue();
        assertThat(kernel.apply(Filters.delete(mine))).isFalse();
        assertThat(kernel.list(Filters.of(device, direction)))
            .singleElement()
            .satisfies(f -> assertThat(f.programId()).isEqualTo(id));
      }
    }
  }

  @Test
  void saysWhyWithoutClsact() {
    int device = device("d0");
    var filter = new BpfFilter(device, Direction.INGRESS, 1, 1, "mine", 0);
    assertThat(kernel.list(Filters.of(device, Direction.INGRESS))).isEmpty();
    assertThat(kernel.apply(Filters.delete(filter))).isFalse();
    try (var program = program(0)) {
      assertThatThrownBy(() -> kernel.apply(Filters.replace(filter, program)))
          .hasMessageStartingWith("set INGRESS filter mine on device " + device + ": EINVAL")
          .hasMessageContaining("Parent Qdisc");
    }
  }

  /** Loads {@code return VERDICT} as a tc program. */
  private static Fd program(int verdict) {
    try (var arena = Arena.ofConfined()) {
      var instructions = arena.allocateFrom(JAVA_LONG, 0xb7L | (long) verdict << 32, 0x95L);
      var attributes = arena.allocate(48, 8); // union bpf_attr of linux/bpf.h
      attributes.set(JAVA_INT, 0, SCHED_CLS);
      attributes.set(JAVA_INT, 4, 2);
      attributes.set(JAVA_LONG, 8, instructions.address());
      attributes.set(JAVA_LONG, 16, arena.allocateFrom("GPL").address());
      int fd = (int) Syscalls.check(Syscalls.tryBpf(PROG_LOAD, attributes), "load program");
      return Fd.owning(fd, "program");
    }
  }
}
