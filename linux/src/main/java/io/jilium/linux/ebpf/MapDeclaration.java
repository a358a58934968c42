// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** A map of an object file that is not loaded yet: its size and where it comes from can be set. */
public final class MapDeclaration {
  private final BpfObject object;
  private final MemorySegment map;

  MapDeclaration(BpfObject object, MemorySegment map) {
    this.object = object;
    this.map = map;
  }

  /** As declared so far; the id is 0. */
  public MapInfo info() {
    object.ensureOpen();
    return Libbpf.mapDeclaration(map);
  }

  public MapDeclaration maxEntries(int entries) {
    object.ensureOpen();
    Libbpf.setMaxEntries(map, entries);
    return this;
  }

  public MapDeclaration valueSize(int bytes) {
    object.ensureOpen();
    Libbpf.setValueSize(map, bytes);
    return this;
  }

  public MapDeclaration flags(int flags) {
    object.ensureOpen();
    Libbpf.setMapFlags(map, flags);
    return this;
  }

  /**
   * Load takes the map pinned there if it fits, else makes it and pins it there. The pin's
   * directory is made now.
   */
  public MapDeclaration pinPath(Path path) {
    object.ensureOpen();
    Bpf.createParent(path);
    Libbpf.setPinPath(map, path.toString());
    return this;
  }

  /** Load uses an existing map, whose capacity then counts. The caller may close its own after. */
  public MapDeclaration reuse(KernelMap existing) {
    object.ensureOpen();
    var declared = info();
    var actual = existing.info();
    if (declared.type() != actual.type()
        || declared.keySize() != actual.keySize()
        || declared.valueSize() != actual.valueSize()) {
      throw new IllegalArgumentException(
          "cannot reuse %s as %s: it is %s with keys of %d and values of %d bytes, declared is %s, %d, %d"
              .formatted(
                  existing,
                  declared.name(),
                  actual.type(),
                  actual.keySize(),
                  actual.valueSize(),
                  declared.type(),
                  declared.keySize(),
                  declared.valueSize()));
    }
    Libbpf.reuseFd(map, existing.fd().number());
    return this;
  }

  /** The template of a map of maps; the caller may close its own after. */
  public MapDeclaration innerMap(KernelMap template) {
    object.ensureOpen();
    Libbpf.setInnerMapFd(map, template.fd().number());
    return this;
  }
}
