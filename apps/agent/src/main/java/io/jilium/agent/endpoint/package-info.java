// SPDX-License-Identifier: Apache-2.0
/** Pods' interfaces: what the CNI plugin asks for, from the request to the kernel and back. */
@NullMarked
package io.jilium.agent.endpoint;

import org.jspecify.annotations.NullMarked;
