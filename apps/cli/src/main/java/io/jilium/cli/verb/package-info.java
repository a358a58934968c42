// SPDX-License-Identifier: Apache-2.0
/** What verbs have in common: how they ask the agent, and how they print. */
@NullMarked
package io.jilium.cli.verb;

import org.jspecify.annotations.NullMarked;
