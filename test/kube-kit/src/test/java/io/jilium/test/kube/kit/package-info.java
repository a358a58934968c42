// SPDX-License-Identifier: Apache-2.0

/** Real Kubernetes for tests: an API server alone, or whole clusters in namespaces. */
@NullMarked
package io.jilium.test.kube.kit;

import org.jspecify.annotations.NullMarked;
