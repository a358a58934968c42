// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import java.util.Optional;

/**
 * What {@link KernelMap#create} makes. Sizes are in bytes; {@code inner} is the template that a map
 * of maps needs.
 */
public record MapSpec(
    MapType type,
    String name,
    long keySize,
    long valueSize,
    int maxEntries,
    int flags,
    Optional<KernelMap> inner) {
  public static final int BPF_F_NO_PREALLOC = 1;
  public static final int BPF_F_MMAPABLE = 1 << 10;
  public static final int BPF_F_INNER_MAP = 1 << 12;

  public static MapSpec of(
      MapType type, String name, long keySize, long valueSize, int maxEntries) {
    int flags = type == MapType.LPM_TRIE ? BPF_F_NO_PREALLOC : 0;
    return new MapSpec(type, name, keySize, valueSize, maxEntries, flags, Optional.empty());
  }

  /** A map whose values are maps like {@code template}. */
  public static MapSpec ofMaps(
      MapType type, String name, long keySize, int maxEntries, KernelMap template) {
    return new MapSpec(type, name, keySize, 4, maxEntries, 0, Optional.of(template));
  }

  public MapSpec withFlags(int more) {
    return new MapSpec(type, name, keySize, valueSize, maxEntries, flags | more, inner);
  }
}
