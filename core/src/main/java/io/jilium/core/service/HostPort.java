// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

import io.jilium.core.model.IpAddress;

/**
 * A port of a node that leads into one of its pods.
 *
 * @param listen on which address and port of the node; the unspecified address: all of them
 * @param pod the pod's address of the same family
 * @param podPort the port in the pod
 */
public record HostPort(PortAddress listen, IpAddress pod, int podPort) {}
