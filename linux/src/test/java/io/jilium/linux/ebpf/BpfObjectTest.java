// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jilium.linux.FdLeakCheck;
import io.jilium.linux.sys.LinuxException;
import io.jilium.linux.sys.Mounts;
import io.jilium.linux.sys.Netns;
import io.jilium.linux.sys.Syscalls;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("kernel")
@ExtendWith(FdLeakCheck.class)
final class BpfObjectTest {
  private static final byte[] PACKET = new byte[64];

  @TempDir private Path directory = Path.of("");

  @Test
  void settingsReachThePrograms() {
    byte[] address = new byte[16];
    address[15] = 50;
    try (var object = TestPrograms.open("tc")) {
      object
          .setU8("cfg_u8", 10)
          .setU16("cfg_u16", 20)
          .setU32("cfg_u32", 30)
          .setU64("cfg_u64", 40)
          .setBytes("cfg_address", address);
      assertThat(object.bytes("cfg_u32")).containsExactly(30, 0, 0, 0);
      try (var loaded = object.load();
          var table = loaded.map("table", MapLayout.U32, MapLayout.U64)) {
        var program = loaded.program("sum_settings");
        assertThat(program.testRun(TestRun.of(PACKET)).returned()).isEqualTo(150);
        table.put(7, 1_000L);
        assertThat(program.testRun(TestRun.of(PACKET)).returned()).isEqualTo(1_150);
      }
    }
  }

  @Test
  void unknownNamesAndWrongSizesAreNamedPrecisely() {
    try (var object = TestPrograms.open("tc")) {
      assertThatThrownBy(() -> object.setU32("cfg_nothing", 1))
          .hasMessageContaining("eBPF object tc has no variable cfg_nothing; it has [")
          .hasMessageContaining("cfg_u8");
      assertThatThrownBy(() -> object.setU32("cfg_u8", 1))
          .hasMessageContaining("variable cfg_u8 of eBPF object tc has 1 bytes, not 4");
      assertThatThrownBy(() -> object.map("nothing")).hasMessageContaining("it has [table, seen]");
      assertThatThrownBy(() -> object.program("nothing")).hasMessageContaining("count_first");
      assertThat(object.maps()).containsExactlyInAnyOrder("seen", "table");
    }
  }

  @Test
  void brokenFileIsRefusedWithItsName() {
    assertThatThrownBy(() -> BpfObject.open("broken.bpf.o", new byte[100]))
        .isInstanceOf(LinuxException.class)
        .hasMessageContaining("open eBPF object broken");
  }

  @Test
  void verifierSaysWhyItRefuses() {
    try (var object = TestPrograms.open("refused")) {
      assertThatThrownBy(object::load)
          .isInstanceOfSatisfying(
              VerifierException.class,
              e -> {
                assertThat(e.program()).isEqualTo("read_beyond");
                assertThat(e.log()).contains("processed ").containsPattern("R1(_w)?=pkt");
              })
          .hasMessageContaining("load program read_beyond")
          .hasMessageContaining("invalid access to packet")
          .hasMessageNotContaining("processed ");
    }
  }

  @Test
  void programsAreDescribed() {
    try (var loaded = TestPrograms.open("tc").load();
        var _ = BpfStats.enable()) {
      var program = loaded.program("sum_settings");
      program.testRun(TestRun.of(PACKET).repeated(1_000));
      var info = program.info();
      assertThat(info.name()).isEqualTo("sum_settings");
      assertThat(info.type()).isEqualTo(ProgramType.SCHED_CLS);
      assertThat(info.tag()).hasSize(16);
      assertThat(info.runCount()).isGreaterThanOrEqualTo(1_000);
      assertThat(info.mapIds()).contains(loaded.map("table").info().id());
      if (KernelFeatures.probe().has(KernelFeature.VERIFIED_INSTRUCTIONS)) {
        assertThat(info.verifiedInstructions().orElseThrow()).isBetween(5, 200);
      }
      try (var same = Program.ofId(info.id())) {
        assertThat(same.info().tag()).isEqualTo(info.tag());
      }
    }
  }

  @Test
  void testRunReturnsPacketAndContext() {
    byte[] packet = PACKET.clone();
    packet[0] = 0x0f;
    try (var netns = Netns.createUnnamed();
        var loaded = TestPrograms.open("tc").load()) {
      var input = TestRun.of(packet).with(SkbContext.onDevice(1).withMark(41));
      var result = netns.run(() -> loaded.program("touch").testRun(input));
      assertThat(result.returned()).isEqualTo(1);
      assertThat(result.packet()).hasSize(64);
      assertThat(result.packet()[0]).isEqualTo((byte) 0xf0);
      assertThat(SkbContext.read(result.context()).mark()).isEqualTo(42);
    }
  }

  @Test
  void onlyWantedProgramsAreLoaded() {
    try (var object = TestPrograms.open("tc")) {
      object.programs().forEach(name -> object.program(name).autoload(name.equals("touch")));
      try (var loaded = object.load()) {
        assertThat(loaded.programs()).containsExactly("touch");
      }
    }
  }

  @Test
  void mapsOfAnEarlierLoadAreReused() {
    try (var first = TestPrograms.open("tc").load();
        var table = first.map("table", MapLayout.U32, MapLayout.U64);
        var object = TestPrograms.open("tc")) {
      table.put(7, 100L);
      object.map("table").reuse(first.map("table"));
      try (var second = object.load()) {
        assertThat(second.map("table").info().id()).isEqualTo(table.info().id());
        assertThat(second.program("sum_settings").testRun(TestRun.of(PACKET)).returned())
            .isEqualTo(110);
      }
    }
  }

  @Test
  void mapOfAnotherShapeIsNotReused() {
    try (var other = KernelMap.create(MapSpec.of(MapType.HASH, "other", 4, 16, 1));
        var object = TestPrograms.open("tc")) {
      assertThatThrownBy(() -> object.map("table").reuse(other))
          .hasMessageContaining("cannot reuse map other")
          .hasMessageContaining("values of 16 bytes");
    }
  }

  @Test
  void pinnedMapsAndProgramsAreFoundAgain() {
    Mounts.ensureBpffs(directory);
    try {
      var mapPin = directory.resolve("maps/table_v1");
      var programPin = directory.resolve("programs/touch");
      int id;
      try (var object = TestPrograms.open("tc")) {
        object.map("table").maxEntries(77).pinPath(mapPin);
        try (var loaded = object.load()) {
          id = loaded.map("table").info().id();
          loaded.program("touch").pin(programPin);
        }
      }
      try (var map = KernelMap.open(mapPin);
          var program = Program.open(programPin);
          var again = TestPrograms.open("tc")) {
        assertThat(map.info().id()).isEqualTo(id);
        assertThat(map.info().maxEntries()).isEqualTo(77);
        assertThat(program.info().name()).isEqualTo("touch");
        again.map("table").maxEntries(77).pinPath(mapPin);
        try (var loaded = again.load()) {
          assertThat(loaded.map("table").info().id()).isEqualTo(id);
        }
      }
      assertThat(KernelMap.unpin(mapPin)).isTrue();
      assertThat(KernelMap.find(mapPin)).isEmpty();
      assertThat(Program.unpin(programPin)).isTrue();
    } finally {
      Syscalls.umount2(directory, 0);
    }
  }

  @Test
  void typesOfTheFileCanBeAsked() {
    try (var object = TestPrograms.open("tc")) {
      var address = object.btf().struct("address").orElseThrow();
      assertThat(address.size()).isEqualTo(16);
      assertThat(address.members()).singleElement().isEqualTo(new Btf.Member("bytes", 0, 16, 0));
      assertThat(object.btf().struct("nothing")).isEmpty();
      assertThat(object.btf().variables())
          .contains(new Btf.Variable(".rodata", "cfg_address", 16, 16))
          .extracting(Btf.Variable::name)
          .contains("cfg_u8", "cfg_u64");
    }
  }
}
