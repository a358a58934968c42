// SPDX-License-Identifier: Apache-2.0

/** Jilium in real Kubernetes clusters. */
@NullMarked
package io.jilium.test.kube;

import org.jspecify.annotations.NullMarked;
