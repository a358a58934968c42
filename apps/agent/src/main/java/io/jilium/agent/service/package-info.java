// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.jilium.agent.service;

import org.jspecify.annotations.NullMarked;
