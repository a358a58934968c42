// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.jilium.cli.bpf;

import org.jspecify.annotations.NullMarked;
