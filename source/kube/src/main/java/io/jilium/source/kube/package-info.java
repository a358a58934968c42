// SPDX-License-Identifier: Apache-2.0
/** Connection to the Kubernetes API server; the cluster as one node sees it. */
@org.jspecify.annotations.NullMarked
package io.jilium.source.kube;
