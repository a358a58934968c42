// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.sysdump;

/**
 * A file of the archive.
 *
 * @param path in the archive
 * @param source makes it
 */
record Piece(String path, Source source) {
  /** Where a file's text comes from. */
  interface Source {
    /**
     * The text; empty means that there is none, and no file.
     *
     * @throws NotCollected with a sentence that says why not
     */
    String text() throws NotCollected;
  }

  /** What could not be had. */
  static final class NotCollected extends Exception {
    private static final long serialVersionUID = 1;

    NotCollected(String reason) {
      super(reason);
    }
  }
}
