// SPDX-License-Identifier: Apache-2.0
/** Builds the container image, without a container engine. */
@org.jspecify.annotations.NullMarked
package io.jilium.deploy.image;
