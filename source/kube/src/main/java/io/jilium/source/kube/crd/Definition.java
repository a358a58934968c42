// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube.crd;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What a CustomResourceDefinition says of a kind beyond its schema, and fabric8 has no annotation
 * for.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@interface Definition {
  /** What the kind is; {@code kubectl explain} shows it. */
  String description();

  /** What the field spec says. */
  String spec() default "";

  /** What the field status says. */
  String status() default "";

  /** Fields of the object that must be there. */
  String[] required() default {};

  /** Names of groups for {@code kubectl get}, beside {@code cilium}. */
  String[] categories() default {};

  /**
   * An older version that is served with the same schema, marked as deprecated, and never stored;
   * empty: none.
   */
  String alsoServed() default "";

  /** Whether status is written by a request of its own, and by nothing else. */
  boolean statusSubresource() default false;

  /**
   * CEL rules over the whole object, in threes: rule, message, and the path of the field that an
   * error names.
   */
  String[] rules() default {};
}
