// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube.crd;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;

/** The kinds of this package. */
public final class Crds {
  /** Label of a CustomResourceDefinition: which version of the schemas it has. */
  public static final String SCHEMA_VERSION_LABEL = "io.cilium.k8s.crd.schema.version";

  /** Version of the schemas of this build; to be raised with every change of them. */
  public static final String SCHEMA_VERSION = "1.32.4";

  /** All kinds. */
  public static final List<Class<? extends HasMetadata>> KINDS =
      List.of(
          CiliumNode.class,
          CiliumEndpoint.class,
          CiliumEndpointSlice.class,
          CiliumIdentity.class,
          CiliumNetworkPolicy.class,
          CiliumClusterwideNetworkPolicy.class,
          CiliumCIDRGroup.class,
          CiliumLoadBalancerIPPool.class,
          CiliumPodIPPool.class,
          CiliumNodeConfig.class);

  private Crds() {}

  /** The definitions that the build generated of all kinds. */
  public static List<CustomResourceDefinition> definitions() {
    KubernetesSerialization serialization = new KubernetesSerialization();
    return KINDS.stream().map(kind -> read(serialization, HasMetadata.getPlural(kind))).toList();
  }

  private static CustomResourceDefinition read(
      KubernetesSerialization serialization, String plural) {
    String resource = "/crds/" + plural + ".yaml";
    try (InputStream yaml =
        Objects.requireNonNull(Crds.class.getResourceAsStream(resource), resource)) {
      return serialization.unmarshal(yaml, CustomResourceDefinition.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
