// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jilium.linux.FdLeakCheck;
import io.jilium.linux.netlink.BpfFilter;
import io.jilium.linux.netlink.Filters;
import io.jilium.linux.netlink.LinkSettings;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.netlink.Qdiscs;
import io.jilium.linux.sys.Fd;
import io.jilium.linux.sys.Mounts;
import io.jilium.linux.sys.Netns;
import io.jilium.linux.sys.Syscalls;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same contract for tcx links and for clsact filters. */
@Tag("kernel")
@ExtendWith(FdLeakCheck.class)
final class TcAttachmentsTest {
  @TempDir private Path bpffs = Path.of("");

  @ParameterizedTest
  @EnumSource
  void programIsEnsuredReplacedFoundAndRemoved(TcAttachment.Kind kind) {
    var features = KernelFeatures.probe();
    assumeTrue(
        kind == TcAttachment.Kind.CLSACT || features.has(KernelFeature.TCX),
        KernelFeature.TCX.description());
    Mounts.ensureBpffs(bpffs);
    try (var netns = Netns.createUnnamed();
        var netlink = NetlinkSocket.open(netns);
        var programs = TestPrograms.open("tc").load()) {
      netlink.apply(Links.createVeth(LinkSettings.named("d0"), LinkSettings.named("d1")));
      int device = netlink.find(Links.byName("d0")).orElseThrow().index();
      var clsact = new FilterClsact(netlink);
      var attachments =
          kind == TcAttachment.Kind.TCX
              ? TcAttachments.of(features, clsact)
              : TcAttachments.clsactOnly(clsact);
      assertThat(attachments.kind()).isEqualTo(kind);
      netns.execute(() -> contract(attachments, device, programs));
    } finally {
      Syscalls.umount2(bpffs, Syscalls.MNT_DETACH);
    }
  }

  private void contract(TcAttachments attachments, int device, LoadedObject programs) {
    var pin = bpffs.resolve("links/d0-egress");
    var first = programs.program("count_first");
    var second = programs.program("count_second");
    assertThat(running(attachments, device, pin)).isEmpty();
    try (var attached = attachments.ensure(device, TcHook.EGRESS, first, pin)) {
      assertThat(attached.kind()).isEqualTo(attachments.kind());
      assertThat(attached.programId()).isEqualTo(first.info().id());
    }
    assertThat(running(attachments, device, pin)).hasValue(first.info().id());
    attachments.ensure(device, TcHook.EGRESS, second, pin).close();
    assertThat(running(attachments, device, pin)).hasValue(second.info().id());
    try (var found = attachments.find(device, TcHook.EGRESS, pin).orElseThrow()) {
      found.update(first);
    }
    assertThat(running(attachments, device, pin)).hasValue(first.info().id());
    assertThat(attachments.find(device, TcHook.INGRESS, pin)).isEmpty();
    assertThat(attachments.remove(device, TcHook.EGRESS, pin)).isTrue();
    assertThat(attachments.remove(device, TcHook.EGRESS, pin)).isFalse();
    assertThat(running(attachments, device, pin)).isEmpty();
  }

  private static OptionalInt running(TcAttachments attachments, int device, Path pin) {
    var found = attachments.find(device, TcHook.EGRESS, pin);
    if (found.isEmpty()) {
      return OptionalInt.empty();
    }
    try (var attachment = found.get()) {
      return OptionalInt.of(attachment.programId());
    }
  }

  /** Joins the package of rtnetlink to this one, as an application does. */
  private record FilterClsact(NetlinkSocket netlink) implements Clsact {
    @Override
    public void replace(int ifindex, TcHook hook, Fd program, String name) {
      netlink.apply(Qdiscs.addClsact(ifindex));
      netlink.apply(Filters.replace(filter(ifindex, hook, name), program));
    }

    @Override
    public boolean remove(int ifindex, TcHook hook) {
      return programId(ifindex, hook).isPresent()
          && netlink.apply(Filters.delete(filter(ifindex, hook, "")));
    }

    @Override
    public OptionalInt programId(int ifindex, TcHook hook) {
      return netlink.list(Filters.of(ifindex, direction(hook))).stream()
          .mapToInt(BpfFilter::programId)
          .findFirst();
    }

    private static BpfFilter filter(int ifindex, TcHook hook, String name) {
      return new BpfFilter(ifindex, direction(hook), 1, 1, name, 0);
    }

    private static BpfFilter.Direction direction(TcHook hook) {
      return switch (hook) {
        case INGRESS -> BpfFilter.Direction.INGRESS;
        case EGRESS -> BpfFilter.Direction.EGRESS;
      };
    }
  }
}
