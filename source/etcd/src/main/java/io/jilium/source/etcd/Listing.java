// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.etcd;

import java.util.List;

/** All keys of a prefix at one revision, sorted by key. */
public record Listing(long revision, List<KeyValue> entries) {
  /** Copies. */
  public Listing {
    entries = List.copyOf(entries);
  }
}
