// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.jilium.source.kube.crd;

import org.jspecify.annotations.NullMarked;
