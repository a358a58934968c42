// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.sys;

/** The kernel refused an operation; the message names operation, object and errno. */
public class LinuxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int number;

  /**
   * @param operation what was tried on what, such as {@code "bind netns /run/netns/a"}
   */
  public LinuxException(String operation, Errno errno) {
    super(operation + ": " + errno);
    this.number = errno.number();
  }

  /** As above, with more than the errno to say (a verifier log, a netlink extended ack). */
  public LinuxException(String operation, Errno errno, String detail) {
    super(operation + ": " + errno + ": " + detail);
    this.number = errno.number();
  }

  public Errno errno() {
    return new Errno(number);
  }

  public boolean is(Errno errno) {
    return number == errno.number();
  }
}
