// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import io.jilium.linux.sys.Errno;
import java.util.Set;
import java.util.function.Function;

/** A request for one object, which may be absent; {@link NetlinkSocket#find} performs it. */
public final class Lookup<T> {
  private final String operation;
  private final byte[] message;
  private final Function<Message, T> decoder;
  private final Set<Errno> absent;

  Lookup(String operation, byte[] message, Function<Message, T> decoder, Errno... absent) {
    this.operation = operation;
    this.message = message;
    this.decoder = decoder;
    this.absent = Set.of(absent);
  }

  byte[] message() {
    return message;
  }

  T decode(Message answer) {
    return decoder.apply(answer);
  }

  boolean meansAbsent(Errno errno) {
    return absent.contains(errno);
  }

  @Override
  public String toString() {
    return operation;
  }
}
