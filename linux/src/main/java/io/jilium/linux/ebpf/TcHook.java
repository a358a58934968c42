// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

/** The two places of a device where tc programs run. */
public enum TcHook {
  INGRESS(AttachType.TCX_INGRESS),
  EGRESS(AttachType.TCX_EGRESS);

  private final AttachType attachType;

  TcHook(AttachType attachType) {
    this.attachType = attachType;
  }

  public AttachType attachType() {
    return attachType;
  }

  static TcHook of(int attachType) {
    return attachType == EGRESS.attachType.number() ? EGRESS : INGRESS;
  }
}
