// SPDX-License-Identifier: Apache-2.0
/** The operator of a cluster whose state is in etcd. */
@org.jspecify.annotations.NullMarked
package io.jilium.operator.etcd;
