// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import io.jilium.linux.sys.Errno;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/** A request for all objects of a kind; {@link NetlinkSocket#list} performs it. */
public final class Dump<T> {
  private final String operation;
  private final byte[] message;
  private final Function<Message, Optional<T>> decoder;
  private final Set<Errno> empty;

  /**
   * @param decoder yields nothing for a message of another kind
   * @param empty error numbers which say that there is nothing to list
   */
  Dump(String operation, byte[] message, Function<Message, Optional<T>> decoder, Errno... empty) {
    this.operation = operation;
    this.message = message;
    this.decoder = decoder;
    this.empty = Set.of(empty);
  }

  /** The same list without the objects that do not satisfy the condition. */
  public Dump<T> where(Predicate<T> condition) {
    return new Dump<>(
        operation,
        message,
        answer -> decoder.apply(answer).filter(condition),
        empty.toArray(Errno[]::new));
  }

  byte[] message() {
    return message;
  }

  Optional<T> decode(Message answer) {
    return decoder.apply(answer);
  }

  boolean meansEmpty(Errno errno) {
    return empty.contains(errno);
  }

  @Override
  public String toString() {
    return operation;
  }
}
