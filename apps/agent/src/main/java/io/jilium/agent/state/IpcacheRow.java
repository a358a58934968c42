// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.state;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.NumericIdentity;
import io.jilium.core.model.PodName;
import java.util.Optional;

/** A prefix of the ipcache: the winner of all that is known of it, and who said it. */
public record IpcacheRow(
    IpPrefix prefix,
    NumericIdentity identity,
    Optional<IpAddress> tunnelEndpoint,
    int flags,
    int encryptKey,
    String source,
    PodName pod) {}
