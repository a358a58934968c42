// SPDX-License-Identifier: Apache-2.0
/** Packets as people read them: layers out of captured bytes, and their text. */
@NullMarked
package io.jilium.core.packet;

import org.jspecify.annotations.NullMarked;
