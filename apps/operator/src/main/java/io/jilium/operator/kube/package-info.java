// SPDX-License-Identifier: Apache-2.0
/**
 * The operator of a Kubernetes cluster. Of several, the one that holds the Lease works: {@link
 * io.jilium.operator.kube.Cluster} keeps what it has to know, on one thread; each {@link
 * io.jilium.operator.kube.Duty} compares that with what should be and writes the difference.
 */
@org.jspecify.annotations.NullMarked
package io.jilium.operator.kube;
