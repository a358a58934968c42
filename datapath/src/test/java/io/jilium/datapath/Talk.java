// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.IpAddress;
import io.jilium.core.service.PortAddress;

/** A client's flow, as the client knows it. */
record Talk(Client client, int port, PortAddress to) {
  /** Who asks. */
  enum Client {
    /** A pod of this node. */
    POD,
    /** Two of the outside; services may serve the first one only. */
    NEAR,
    FAR,
    /** A pod of another node, whose packets come with its own address. */
    OTHER_POD;

    boolean isInside() {
      return this == POD || this == OTHER_POD;
    }
  }

  boolean isV4() {
    return to.address().isV4();
  }

  Ip ip() {
    return isV4() ? Ip.V4 : Ip.V6;
  }

  IpAddress source() {
    return IpAddress.parse(
        switch (client) {
          case POD -> ip().podA;
          case NEAR -> isV4() ? "198.18.0.1" : "2001:db8:99::1";
          case FAR -> isV4() ? "198.18.1.1" : "2001:db8:99::2";
          case OTHER_POD -> ip().remotePod;
        });
  }
}
