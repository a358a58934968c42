// SPDX-License-Identifier: Apache-2.0
/** Kubernetes' objects in JSON, which both sources of the cluster's state read alike. */
@org.jspecify.annotations.NullMarked
package io.jilium.source.json;
