// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.template;

import io.jilium.cli.template.Node.Command;
import io.jilium.cli.template.Node.Expression;
import io.jilium.cli.template.Node.Pipeline;
import io.jilium.cli.template.Scanner.Piece;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Builds the tree of one file; named templates that it defines go into a map. */
final class Parser {
  private static final Set<String> REFUSED = Set.of("template", "block", "break", "continue");

  private final List<Piece> pieces;
  private final Map<String, List<Node>> defined;
  private final String file;
  private int next;
  private List<Token> tokens = List.of();
  private int at;

  private Parser(String file, String source, Map<String, List<Node>> defined) {
    this.file = file;
    this.pieces = Scanner.scan(file, source);
    this.defined = defined;
  }

  /**
   * The nodes of a file.
   *
   * @param defined where named templates are added
   */
  static List<Node> parse(String file, String source, Map<String, List<Node>> defined) {
    var parser = new Parser(file, source, defined);
    List<Node> nodes = parser.list();
    if (parser.next < parser.pieces.size()) {
      throw new TemplateException(
          parser.peek().position(), "{{ %s }} has no beginning".formatted(parser.peek().text()));
    }
    return nodes;
  }

  /** Nodes up to an end or else, which stay to be read. */
  private List<Node> list() {
    var nodes = new ArrayList<Node>();
    while (next < pieces.size()) {
      switch (pieces.get(next)) {
        case Piece.Text(String text) -> {
          next++;
          nodes.add(new Node.Text(text));
        }
        case Piece.Action action -> {
          if (action.tokens().getFirst().is(Token.Kind.WORD, "end")
              || action.tokens().getFirst().is(Token.Kind.WORD, "else")) {
            tokens = action.tokens();
            at = 0;
            return nodes;
          }
          next++;
          tokens = action.tokens();
          at = 0;
          action(action.position()).ifPresent(nodes::add);
        }
      }
    }
    return nodes;
  }

  private Optional<Node> action(Position position) {
    Token first = peek();
    if (first.kind() == Token.Kind.WORD && REFUSED.contains(first.text())) {
      throw new TemplateException(position, "%s is not understood here".formatted(first.text()));
    }
    if (first.is(Token.Kind.WORD, "define")) {
      define(position);
      return Optional.empty();
    }
    if (first.is(Token.Kind.WORD, "if") || first.is(Token.Kind.WORD, "with")) {
      at++;
      return Optional.of(branch(first.text().equals("with"), position));
    }
    if (first.is(Token.Kind.WORD, "range")) {
      at++;
      return Optional.of(range(position));
    }
    if (first.kind() == Token.Kind.VARIABLE
        && (token(at + 1).is(Token.Kind.SIGN, ":=") || token(at + 1).is(Token.Kind.SIGN, "="))) {
      boolean declares = token(at + 1).text().equals(":=");
      at += 2;
      return Optional.of(new Node.Assign(first.text(), declares, whole(), position));
    }
    return Optional.of(new Node.Output(whole()));
  }

  private void define(Position position) {
    at++;
    String name = take(Token.Kind.STRING).text();
    take(Token.Kind.END);
    List<Node> body = list();
    end(position);
    if (defined.put(name, body) != null) {
      throw new TemplateException(position, "the template %s is defined twice".formatted(name));
    }
  }

  private Node branch(boolean setsDot, Position position) {
    Pipeline condition = whole();
    List<Node> then = list();
    List<Node> otherwise = List.of();
    if (isElse()) {
      at++;
      if (peek().is(Token.Kind.WORD, "if") || peek().is(Token.Kind.WORD, "with")) {
        boolean inner = peek().text().equals("with");
        at++;
        next++;
        return new Node.If(setsDot, condition, then, List.of(branch(inner, position)));
      }
      take(Token.Kind.END);
      next++;
      otherwise = list();
    }
    end(position);
    return new Node.If(setsDot, condition, then, otherwise);
  }

  private Node range(Position position) {
    Optional<String> key = Optional.empty();
    Optional<String> value = Optional.empty();
    if (peek().kind() == Token.Kind.VARIABLE && token(at + 1).is(Token.Kind.SIGN, ",")) {
      key = Optional.of(peek().text());
      value = Optional.of(token(at + 2).text());
      at += 3;
      assigned();
    } else if (peek().kind() == Token.Kind.VARIABLE && token(at + 1).is(Token.Kind.SIGN, ":=")) {
      value = Optional.of(peek().text());
      at++;
      assigned();
    }
    Pipeline over = whole();
    List<Node> body = list();
    List<Node> otherwise = List.of();
    if (isElse()) {
      at++;
      take(Token.Kind.END);
      next++;
      otherwise = list();
    }
    end(position);
    return new Node.Range(key, value, over, body, otherwise, position);
  }

  private void assigned() {
    if (!peek().is(Token.Kind.SIGN, ":=")) {
      throw new TemplateException(peek().position(), ":= is missing before " + peek().shown());
    }
    at++;
  }

  private boolean isElse() {
    return next < pieces.size() && peek().is(Token.Kind.WORD, "else");
  }

  private void end(Position position) {
    if (next >= pieces.size() || !peek().is(Token.Kind.WORD, "end")) {
      throw new TemplateException(position, "{{ end }} is missing");
    }
    at++;
    take(Token.Kind.END);
    next++;
  }

  /** The pipeline that fills the rest of the action. */
  private Pipeline whole() {
    Pipeline pipeline = pipeline();
    take(Token.Kind.END);
    return pipeline;
  }

  private Pipeline pipeline() {
    var commands = new ArrayList<Command>();
    commands.add(command());
    while (peek().is(Token.Kind.SIGN, "|")) {
      at++;
      commands.add(command());
    }
    return new Pipeline(List.copyOf(commands));
  }

  private Command command() {
    Position position = peek().position();
    Expression first = operand();
    var arguments = new ArrayList<Expression>();
    while (peek().kind() != Token.Kind.END
        && !peek().is(Token.Kind.SIGN, "|")
        && !peek().is(Token.Kind.SIGN, ")")) {
      arguments.add(operand());
    }
    if (!arguments.isEmpty() && !(first instanceof Expression.Function)) {
      throw new TemplateException(position, "only a function has arguments");
    }
    return new Command(first, List.copyOf(arguments), position);
  }

  private Expression operand() {
    Token token = peek();
    at++;
    Position position = token.position();
    return switch (token.kind()) {
      case STRING -> new Expression.Literal(Optional.of(token.text()), position);
      case NUMBER -> new Expression.Literal(Optional.of(number(token)), position);
      case WORD ->
          switch (token.text()) {
            case "true", "false" ->
                new Expression.Literal(Optional.of(Boolean.valueOf(token.text())), position);
            case "nil" -> new Expression.Literal(Optional.empty(), position);
            default -> new Expression.Function(token.text(), position);
          };
      case FIELD -> new Expression.Dot(fields(token), position);
      case VARIABLE -> new Expression.Variable(token.text(), chain(), position);
      case SIGN -> {
        if (!token.text().equals("(")) {
          throw new TemplateException(position, "'%s' has no meaning here".formatted(token.text()));
        }
        Pipeline inner = pipeline();
        if (!peek().is(Token.Kind.SIGN, ")")) {
          throw new TemplateException(position, "the bracket is not closed");
        }
        at++;
        yield new Expression.Group(inner, chain(), position);
      }
      case END -> throw new TemplateException(position, "a value is missing");
    };
  }

  /** The fields that follow without a blank. */
  private List<String> chain() {
    var fields = new ArrayList<String>();
    while (peek().kind() == Token.Kind.FIELD && peek().glued()) {
      if (peek().text().isEmpty()) {
        throw new TemplateException(peek().position(), "a name is missing after the dot");
      }
      fields.add(peek().text());
      at++;
    }
    return List.copyOf(fields);
  }

  /** The dot, or the fields of it that the token begins. */
  private List<String> fields(Token first) {
    var fields = new ArrayList<String>();
    if (!first.text().isEmpty()) {
      fields.add(first.text());
      fields.addAll(chain());
    }
    return List.copyOf(fields);
  }

  private static Object number(Token token) {
    try {
      return token.text().contains(".")
          ? (Object) Double.valueOf(token.text())
          : Long.valueOf(token.text());
    } catch (NumberFormatException e) {
      throw new TemplateException(
          token.position(), "%s is not a number".formatted(token.text()), e);
    }
  }

  private Token take(Token.Kind kind) {
    Token token = peek();
    if (token.kind() != kind) {
      throw new TemplateException(token.position(), token.shown() + " has no meaning here");
    }
    at++;
    return token;
  }

  private Token peek() {
    return token(at);
  }

  private Token token(int index) {
    return index < tokens.size()
        ? tokens.get(index)
        : tokens.isEmpty()
            ? new Token(Token.Kind.END, "", false, new Position(file, 1))
            : tokens.getLast();
  }
}
