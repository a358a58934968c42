// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube.crd;

import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A column that kubectl prints of a kind; the order of the annotations is that from left to right.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@Repeatable(Column.Columns.class)
@interface Column {
  /** The heading. */
  String name();

  /** Where in the object the value is. */
  String jsonPath();

  /** string, integer, number, boolean or date. */
  String type() default "string";

  /** What the column says. */
  String description();

  /** 0: always; 1: only with {@code -o wide}. */
  int priority() default 0;

  /** All columns of a kind. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.TYPE)
  @interface Columns {
    /** From left to right. */
    Column[] value();
  }
}
