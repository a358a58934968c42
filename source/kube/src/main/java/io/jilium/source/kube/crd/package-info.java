// SPDX-License-Identifier: Apache-2.0
/**
 * The kinds of API group cilium.io as Java types. Names, types and limits of the fields are those
 * of Cilium 1.19, so that a manifest or a client made for Cilium needs no change. The
 * CustomResourceDefinitions (resources {@code crds/KIND.yaml}) are generated from these types by
 * {@link io.jilium.source.kube.crd.CrdYaml} during the build.
 */
@NullMarked
package io.jilium.source.kube.crd;

import org.jspecify.annotations.NullMarked;
