// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.jilium.linux.ebpf;

import org.jspecify.annotations.NullMarked;
