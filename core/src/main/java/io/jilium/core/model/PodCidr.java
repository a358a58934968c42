// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

/**
 * A range that a node may give to its pods.
 *
 * @param allowFirst whether its first address may be given, too
 * @param allowLast whether the last one of an IPv4 range may be given, too
 */
public record PodCidr(IpPrefix prefix, boolean allowFirst, boolean allowLast) {
  private static final String FIRST = "+first";
  private static final String LAST = "+last";

  /** As ranges are unless their pool says otherwise. */
  public static PodCidr of(IpPrefix prefix) {
    return new PodCidr(prefix, false, false);
  }

  /**
   * Reads what {@link #toString} wrote.
   *
   * @throws IllegalArgumentException when the prefix is none
   */
  public static PodCidr parse(String text) {
    return new PodCidr(
        IpPrefix.parse(text.replace(FIRST, "").replace(LAST, "")),
        text.contains(FIRST),
        text.contains(LAST));
  }

  public boolean isV4() {
    return prefix.isV4();
  }

  /** The prefix, and what it allows: {@code 10.0.0.0/27+first+last}. */
  @Override
  public String toString() {
    return prefix + (allowFirst ? FIRST : "") + (allowLast ? LAST : "");
  }
}
