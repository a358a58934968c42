// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

/** How far an address or a route is valid. */
public enum Scope {
  GLOBAL(0),
  SITE(200),
  LINK(253),
  HOST(254),
  NOWHERE(255);

  private final int number;

  Scope(int number) {
    this.number = number;
  }

  public int number() {
    return number;
  }

  static Scope of(int number) {
    for (Scope scope : values()) {
      if (scope.number == number) {
        return scope;
      }
    }
    return GLOBAL;
  }
}
