// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.template;

import java.util.List;
import java.util.Optional;

/** What a template is made of. */
sealed interface Node {
  /** Copied. */
  record Text(String text) implements Node {}

  /** Written. */
  record Output(Pipeline pipeline) implements Node {}

  /** {@code $x := …} or {@code $x = …}. */
  record Assign(String variable, boolean declares, Pipeline pipeline, Position position)
      implements Node {}

  /** {@code if}, and {@code with}, which sets the dot as well. */
  record If(boolean setsDot, Pipeline condition, List<Node> then, List<Node> otherwise)
      implements Node {}

  /** {@code range}; a name is absent where no variable is declared for it. */
  record Range(
      Optional<String> key,
      Optional<String> value,
      Pipeline over,
      List<Node> body,
      List<Node> otherwise,
      Position position)
      implements Node {}

  /** Commands of which each gets the result of the one before as its last argument. */
  record Pipeline(List<Command> commands) {}

  /** A value, or a function with its arguments. */
  record Command(Expression first, List<Expression> arguments, Position position) {}

  /** Something with a value. */
  sealed interface Expression {
    Position position();

    /** {@code .a.b}: fields of the dot. */
    record Dot(List<String> fields, Position position) implements Expression {}

    /** {@code $x.a.b}: fields of a variable; the empty name is the root. */
    record Variable(String name, List<String> fields, Position position) implements Expression {}

    /** {@code (…).a.b}. */
    record Group(Pipeline pipeline, List<String> fields, Position position) implements Expression {}

    /** A constant. */
    record Literal(Optional<Object> value, Position position) implements Expression {}

    /** The name of a function. */
    record Function(String name, Position position) implements Expression {}
  }
}
