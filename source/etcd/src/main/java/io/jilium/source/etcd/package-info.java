// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.jilium.source.etcd;

import org.jspecify.annotations.NullMarked;
