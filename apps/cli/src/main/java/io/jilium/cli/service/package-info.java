// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.jilium.cli.service;

import org.jspecify.annotations.NullMarked;
