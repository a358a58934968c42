// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import io.jilium.linux.sys.Errno;
import java.util.Optional;
import java.util.OptionalInt;

/** Requests about policy routing rules: {@code ip rule}. */
public final class Rules {
  private static final int NEW = 32;
  private static final int DELETE = 33;
  private static final int GET = 34;
  private static final int DESTINATION = 1;
  private static final int SOURCE = 2;
  private static final int INPUT_DEVICE = 3;
  private static final int PRIORITY = 6;
  private static final int MARK = 10;
  private static final int TABLE = 15;
  private static final int MARK_MASK = 16;
  private static final int OUTPUT_DEVICE = 17;
  private static final int PROTOCOL = 21;
  private static final int ACTION_TO_TABLE = 1;
  private static final int STRUCT = 12;

  private Rules() {}

  /** {@code ip -4|-6 rule show} */
  public static Dump<Rule> all(Family family) {
    var message =
        new MessageWriter(GET, MessageWriter.REQUEST | MessageWriter.DUMP)
            .u8(family.number())
            .zeros(STRUCT - 1);
    return new Dump<>(
        "list %s rules".formatted(family),
        message.finish(),
        answer -> answer.type() == NEW ? Optional.of(decode(answer, family)) : Optional.empty());
  }

  /** {@code ip rule add …}; unchanged if there is the same rule. */
  public static Change add(Rule rule) {
    return change("add", rule, NEW, MessageWriter.CREATE | MessageWriter.EXCLUSIVE, Errno.EEXIST);
  }

  /** {@code ip rule del …}; unchanged if there is none. */
  public static Change delete(Rule rule) {
    return change("delete", rule, DELETE, 0, Errno.ENOENT);
  }

  private static Rule decode(Message message, Family family) {
    var attributes = message.attributes(STRUCT);
    int table = attributes.u32(TABLE, message.u8(4));
    return new Rule(
        family,
        attributes.u32(PRIORITY, 0),
        attributes.address(SOURCE).map(address -> new Prefix(address, message.u8(2))),
        attributes.address(DESTINATION).map(address -> new Prefix(address, message.u8(1))),
        attributes.text(INPUT_DEVICE),
        attributes.text(OUTPUT_DEVICE),
        attributes.u32(MARK, 0),
        attributes.u32(MARK_MASK, 0),
        message.u8(7) == ACTION_TO_TABLE ? OptionalInt.of(table) : OptionalInt.empty(),
        attributes.u8(PROTOCOL).orElse(0));
  }

  private static Change change(String verb, Rule rule, int type, int flags, Errno... unchanged) {
    int table =
        rule.table().orElseThrow(() -> new IllegalArgumentException("rule without table: " + rule));
    var message =
        new MessageWriter(type, MessageWriter.REQUEST | MessageWriter.ACK | flags)
            .u8(rule.family().number())
            .u8(rule.destination().map(Prefix::length).orElse(0))
            .u8(rule.source().map(Prefix::length).orElse(0))
            .zeros(4)
            .u8(ACTION_TO_TABLE)
            .u32(0)
            .u32(TABLE, table)
            .u32(PRIORITY, rule.priority());
    rule.destination().ifPresent(prefix -> message.address(DESTINATION, prefix.address()));
    rule.source().ifPresent(prefix -> message.address(SOURCE, prefix.address()));
    rule.inputDevice().ifPresent(name -> message.text(INPUT_DEVICE, name));
    rule.outputDevice().ifPresent(name -> message.text(OUTPUT_DEVICE, name));
    if (rule.markMask() != 0) {
      message.u32(MARK, rule.mark()).u32(MARK_MASK, rule.markMask());
    }
    if (rule.protocol() != 0) {
      message.u8(PROTOCOL, rule.protocol());
    }
    var operation =
        "%s %s rule %d to table %d".formatted(verb, rule.family(), rule.priority(), table);
    return new Change(operation, message.finish(), unchanged);
  }
}
