// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jilium.linux.FdLeakCheck;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(FdLeakCheck.class)
final class FdTest {
  @Test
  void leakIsReportedWithTheStackThatMadeIt() {
    var before = LiveResource.all();
    try (var fd = Syscalls.open(Path.of("/dev/null"), Syscalls.O_RDONLY)) {
      var leaked = LiveResource.since(before);
      assertThat(leaked).singleElement().asString().contains("/dev/null", "fd " + fd.number());
      assertThat(LiveResource.report(leaked)).contains("leakIsReportedWithTheStackThatMadeIt");
    }
    assertThat(LiveResource.since(before)).isEmpty();
  }

  @Test
  void mappingAndNativeMemoryCountAsResources() {
    var before = LiveResource.all();
    try (var memory = NativeMemory.of("a test")) {
      assertThat(memory.allocate(8).byteSize()).isEqualTo(8);
      assertThat(LiveResource.since(before)).hasSize(1);
    }
    assertThat(LiveResource.since(before)).isEmpty();
  }

  @Test
  void useAfterCloseIsRefusedAndClosingTwiceIsNot() {
    var fd = Syscalls.eventfd();
    fd.close();
    fd.close();
    assertThatThrownBy(fd::number)
        .hasMessageContaining("used after close")
        .hasMessageContaining("eventfd");
  }

  @Test
  void failureNamesOperationObjectAndErrno() {
    assertThatThrownBy(() -> Syscalls.open(Path.of("/no/such"), Syscalls.O_RDONLY))
        .isInstanceOfSatisfying(LinuxException.class, e -> assertThat(e.is(Errno.ENOENT)).isTrue())
        .hasMessage("open /no/such: ENOENT (no such file or object)");
  }

  @Test
  void ppollTellsWhichDescriptorIsReady() {
    try (var quiet = Syscalls.eventfd();
        var ready = Syscalls.eventfd();
        var arena = Arena.ofConfined()) {
      assertThat(Syscalls.ppoll(List.of(quiet, ready), Duration.ofMillis(1))).isZero();
      Syscalls.write(ready, arena.allocateFrom(ValueLayout.JAVA_LONG, 1));
      assertThat(Syscalls.ppoll(List.of(quiet, ready), Duration.ofSeconds(5))).isEqualTo(2);
      assertThat(Syscalls.tryRead(quiet, arena.allocate(8))).isEqualTo(-Errno.EAGAIN.number());
    }
  }
}
