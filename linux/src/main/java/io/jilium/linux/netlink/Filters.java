// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import io.jilium.linux.sys.Errno;
import io.jilium.linux.sys.Fd;
import java.nio.ByteOrder;
import java.util.Optional;

/** Requests about eBPF filters on clsact, for kernels without tcx: {@code tc filter}. */
public final class Filters {
  private static final int NEW = 44;
  private static final int DELETE = 45;
  private static final int GET = 46;
  private static final int OPTIONS = 2;
  private static final int BPF_FD = 6;
  private static final int BPF_NAME = 7;
  private static final int BPF_FLAGS = 8;
  private static final int BPF_ID = 11;
  private static final int DIRECT_ACTION = 1;

  /** ETH_P_ALL in network order, as tcm_info wants it. */
  private static final int ALL_PROTOCOLS =
      ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? 0x0300 : 0x0003;

  private Filters() {}

  /** {@code tc filter show dev DEVICE ingress|egress}, those of kind bpf */
  public static Dump<BpfFilter> of(int device, BpfFilter.Direction direction) {
    var message =
        Qdiscs.header(
            GET, MessageWriter.REQUEST | MessageWriter.DUMP, device, 0, direction.parent(), 0);
    return new Dump<>(
        "list %s filters of device %d".formatted(direction, device),
        message.finish(),
        answer -> answer.type() == NEW ? decode(answer, direction) : Optional.empty(),
        Errno.ENODEV);
  }

  /**
   * {@code tc filter replace dev DEVICE ingress|egress pref PRIORITY handle HANDLE bpf
   * direct-action name NAME …}: one packet sees the old program, the next the new one. The device
   * needs {@link Qdiscs#addClsact}.
   *
   * @param filter what to set; the program number in it is not used
   */
  public static Change replace(BpfFilter filter, Fd program) {
    var message = header(filter, NEW, MessageWriter.CREATE);
    int options = message.begin(OPTIONS);
    message
        .u32(BPF_FD, program.number())
        .text(BPF_NAME, filter.name())
        .u32(BPF_FLAGS, DIRECT_ACTION)
        .end(options);
    return new Change("set " + text(filter), message.finish());
  }

  /**
   * {@code tc filter del dev DEVICE ingress|egress pref PRIORITY handle HANDLE bpf}; unchanged if
   * there is none.
   */
  public static Change delete(BpfFilter filter) {
    var message = header(filter, DELETE, 0);
    // EINVAL: the device has no clsact.
    return new Change(
        "delete " + text(filter), message.finish(), Errno.ENOENT, Errno.ENODEV, Errno.EINVAL);
  }

  private static MessageWriter header(BpfFilter filter, int type, int flags) {
    return Qdiscs.header(
            type,
            MessageWriter.REQUEST | MessageWriter.ACK | flags,
            filter.device(),
            filter.handle(),
            filter.direction().parent(),
            filter.priority() << 16 | ALL_PROTOCOLS)
        .text(Qdiscs.KIND, "bpf");
  }

  private static Optional<BpfFilter> decode(Message message, BpfFilter.Direction direction) {
    var attributes = message.attributes(Qdiscs.STRUCT);
    var options = attributes.nested(OPTIONS);
    if (!attributes.text(Qdiscs.KIND).orElse("").equals("bpf") || !options.has(BPF_ID)) {
      return Optional.empty();
    }
    return Optional.of(
        new BpfFilter(
            message.u32(4),
            direction,
            message.u32(16) >>> 16,
            message.u32(8),
            options.text(BPF_NAME).orElse(""),
            options.u32(BPF_ID, 0)));
  }

  private static String text(BpfFilter filter) {
    return "%s filter %s on device %d"
        .formatted(filter.direction(), filter.name(), filter.device());
  }
}
