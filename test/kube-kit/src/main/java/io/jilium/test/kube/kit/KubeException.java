// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube.kit;

/** What keeps the fixture from doing what was asked, in one sentence. */
public final class KubeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public KubeException(String message) {
    super(message);
  }

  public KubeException(String message, Throwable cause) {
    super(message, cause);
  }
}
