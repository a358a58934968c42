// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

import io.jilium.core.model.ServiceName;

/**
 * What a load balancer in front of the cluster asks a node about a service whose external traffic
 * stays on the node that it reaches.
 *
 * @param port of the node, on which it asks
 * @param localEndpoints addresses of ready endpoints on this node; those that terminate do not
 *     count, though they still serve
 */
public record HealthCheck(ServiceName service, int port, int localEndpoints) {}
