// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

/** The kernel lacks a feature; the message says from which version on it is there. */
public final class UnsupportedFeatureException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final KernelFeature feature;

  UnsupportedFeatureException(KernelFeature feature) {
    super(
        "this kernel (%s) has no %s; it needs %s"
            .formatted(KernelVersion.current(), feature.description(), feature.minimum()));
    this.feature = feature;
  }

  public KernelFeature feature() {
    return feature;
  }

  public KernelVersion minimum() {
    return feature.minimum();
  }
}
