// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.template;

import io.jilium.cli.template.Node.Command;
import io.jilium.cli.template.Node.Expression;
import io.jilium.cli.template.Node.Pipeline;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Runs the nodes of one template over one piece of data. */
final class Execution {
  private final Templates templates;
  private final @Nullable Object root;
  private final StringBuilder out;
  private final Deque<Map<String, Object>> scopes = new ArrayDeque<>();
  private @Nullable Object dot;

  Execution(Templates templates, @Nullable Object data, StringBuilder out) {
    this.templates = templates;
    this.root = data;
    this.dot = data;
    this.out = out;
    scopes.push(new HashMap<>());
  }

  void run(List<Node> nodes) {
    nodes.forEach(this::run);
  }

  private void run(Node node) {
    switch (node) {
      case Node.Text(String text) -> out.append(text);
      case Node.Output(Pipeline pipeline) -> output(pipeline);
      case Node.Assign assign -> assign(assign);
      case Node.If branch -> branch(branch);
      case Node.Range range -> range(range);
    }
  }

  private void output(Pipeline pipeline) {
    try {
      out.append(Printing.text(value(pipeline)));
    } catch (IllegalArgumentException e) {
      throw new TemplateException(
          pipeline.commands().getFirst().position(), String.valueOf(e.getMessage()), e);
    }
  }

  private void assign(Node.Assign assign) {
    Object value = stored(value(assign.pipeline()));
    if (assign.declares()) {
      scopes.getFirst().put(assign.variable(), value);
      return;
    }
    for (Map<String, Object> scope : scopes) {
      if (scope.containsKey(assign.variable())) {
        scope.put(assign.variable(), value);
        return;
      }
    }
    throw new TemplateException(assign.position(), "there is no variable $" + assign.variable());
  }

  private void branch(Node.If branch) {
    Object value = value(branch.condition());
    boolean holds = Printing.truth(value);
    Object before = dot;
    if (holds && branch.setsDot()) {
      dot = value;
    }
    inScope(holds ? branch.then() : branch.otherwise());
    dot = before;
  }

  private void range(Node.Range range) {
    Object over = value(range.over());
    Map<Object, Object> items = items(over, range.position());
    if (items.isEmpty()) {
      inScope(range.otherwise());
      return;
    }
    Object before = dot;
    items.forEach((key, item) -> {
      dot = fetched(item);
      scopes.push(new HashMap<>());
      range.key().ifPresent(name -> scopes.getFirst().put(name, key));
      range.value().ifPresent(name -> scopes.getFirst().put(name, item));
      run(range.body());
      scopes.pop();
    });
    dot = before;
  }

  private static Map<Object, Object> items(@Nullable Object over, Position position) {
    var items = new java.util.LinkedHashMap<Object, Object>();
    switch (over) {
      case null -> {}
      case Map<?, ?> map -> new TreeMap<>(map).forEach((k, v) -> items.put(k, stored(v)));
      case Collection<?> list -> {
        long index = 0;
        for (Object item : list) {
          items.put(index++, stored(item));
        }
      }
      default ->
          throw new TemplateException(
              position, "range goes over a list or a map, not over " + Printing.text(over));
    }
    return items;
  }

  private void inScope(List<Node> nodes) {
    scopes.push(new HashMap<>());
    run(nodes);
    scopes.pop();
  }

  private @Nullable Object value(Pipeline pipeline) {
    Object result = null;
    boolean first = true;
    for (Command command : pipeline.commands()) {
      result = first ? value(command) : call(command, result);
      first = false;
    }
    return result;
  }

  private @Nullable Object value(Command command) {
    return command.first() instanceof Expression.Function(String name, Position position)
        ? apply(name, command.arguments(), position)
        : value(command.first());
  }

  /** A command behind a bar: the value so far is its function's last argument. */
  private @Nullable Object call(Command command, @Nullable Object piped) {
    if (!(command.first() instanceof Expression.Function(String name, Position position))) {
      throw new TemplateException(command.position(), "behind | a function is expected");
    }
    var arguments = new ArrayList<@Nullable Object>();
    command.arguments().forEach(argument -> arguments.add(value(argument)));
    arguments.add(piped);
    return call(name, arguments, position);
  }

  /** {@code and} and {@code or} look at no more arguments than they need. */
  private @Nullable Object apply(String name, List<Expression> arguments, Position position) {
    boolean and = name.equals("and");
    if (!and && !name.equals("or")) {
      var values = new ArrayList<@Nullable Object>();
      arguments.forEach(argument -> values.add(value(argument)));
      return call(name, values, position);
    }
    Object result = null;
    for (Expression argument : arguments) {
      result = value(argument);
      if (Printing.truth(result) != and) {
        return result;
      }
    }
    return result;
  }

  private @Nullable Object call(String name, List<@Nullable Object> arguments, Position position) {
    if (!name.equals("include")) {
      return Functions.call(name, arguments, position);
    }
    if (arguments.size() != 2 || !(arguments.getFirst() instanceof String wanted)) {
      throw new TemplateException(position, "include has a name and data");
    }
    List<Node> nodes = templates.find(wanted);
    if (nodes == null) {
      throw new TemplateException(position, "there is no template " + wanted);
    }
    var text = new StringBuilder();
    new Execution(templates, arguments.getLast(), text).run(nodes);
    return text.toString();
  }

  private @Nullable Object value(Expression expression) {
    return switch (expression) {
      case Expression.Literal literal -> literal.value().orElse(null);
      case Expression.Dot(List<String> fields, Position position) ->
          fields(dot, fields, ".", position);
      case Expression.Variable(String name, List<String> fields, Position position) ->
          fields(variable(name, position), fields, "$" + name, position);
      case Expression.Group(Pipeline pipeline, List<String> fields, Position position) ->
          fields(value(pipeline), fields, "(…)", position);
      case Expression.Function(String name, Position position) -> call(name, List.of(), position);
    };
  }

  private @Nullable Object variable(String name, Position position) {
    if (name.isEmpty()) {
      return root;
    }
    for (Map<String, Object> scope : scopes) {
      Object value = scope.get(name);
      if (value != null) {
        return fetched(value);
      }
    }
    throw new TemplateException(position, "there is no variable $" + name);
  }

  private static @Nullable Object fields(
      @Nullable Object from, List<String> fields, String start, Position position) {
    Object value = from;
    var path = new StringBuilder(start);
    for (String field : fields) {
      if (!(value instanceof Map<?, ?> map)) {
        throw new TemplateException(
            position,
            value == null
                ? "%s is not set, so it has no field %s".formatted(path, field)
                : "%s is no section, so it has no field %s".formatted(path, field));
      }
      value = map.get(field);
      path.append(path.toString().endsWith(".") ? "" : ".").append(field);
    }
    return value;
  }

  /** A variable may hold null, which a map here must not. */
  private static Object stored(@Nullable Object value) {
    return value == null ? Nothing.INSTANCE : value;
  }

  private static @Nullable Object fetched(Object value) {
    return value == Nothing.INSTANCE ? null : value;
  }

  private enum Nothing {
    INSTANCE
  }
}
