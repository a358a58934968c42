// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.template;

import java.util.ArrayList;
import java.util.List;

/** Cuts a template into text and actions, and actions into tokens. */
final class Scanner {
  /** Text between actions, or the tokens of one action. */
  sealed interface Piece {
    /** Copied as it is. */
    record Text(String text) implements Piece {}

    /** What stands between double braces. */
    record Action(List<Token> tokens, Position position) implements Piece {}
  }

  private final String file;
  private final String source;
  private final List<Piece> pieces = new ArrayList<>();
  private int at;
  private int line = 1;

  private Scanner(String file, String source) {
    this.file = file;
    this.source = source;
  }

  /** All pieces in order. */
  static List<Piece> scan(String file, String source) {
    var scanner = new Scanner(file, source);
    scanner.scan();
    return scanner.pieces;
  }

  private void scan() {
    boolean trim = false;
    while (at < source.length()) {
      int open = source.indexOf("{{", at);
      String text = source.substring(at, open < 0 ? source.length() : open);
      int lines = (int) text.chars().filter(c -> c == '\n').count();
      boolean trimLeft =
          open >= 0
              && source.startsWith("{{-", open)
              && open + 3 < source.length()
              && Character.isWhitespace(source.charAt(open + 3));
      String kept = trim ? text.stripLeading() : text;
      kept = open >= 0 && trimLeft ? kept.stripTrailing() : kept;
      if (!kept.isEmpty()) {
        pieces.add(new Piece.Text(kept));
      }
      line += lines;
      if (open < 0) {
        return;
      }
      at = open + (trimLeft ? 3 : 2);
      trim = action();
    }
  }

  /** Reads an action and its closing braces; returns whether they trim what follows. */
  private boolean action() {
    var position = new Position(file, line);
    var tokens = new ArrayList<Token>();
    blanks();
    if (source.startsWith("/*", at)) {
      comment(position);
    } else {
      boolean glued = false;
      while (!closing()) {
        tokens.add(token(glued));
        int end = at;
        blanks();
        glued = at == end;
      }
      tokens.add(new Token(Token.Kind.END, "", false, here()));
      pieces.add(new Piece.Action(List.copyOf(tokens), position));
    }
    boolean trim = source.startsWith("-}}", at);
    at += trim ? 3 : 2;
    return trim;
  }

  private void comment(Position position) {
    int end = source.indexOf("*/", at);
    if (end < 0) {
      throw new TemplateException(position, "the comment does not end");
    }
    count(end + 2);
    blanks();
    if (!closing()) {
      throw new TemplateException(position, "a comment stands alone in its braces");
    }
  }

  private boolean closing() {
    if (at >= source.length()) {
      throw new TemplateException(here(), "the action does not end: }} is missing");
    }
    return source.startsWith("}}", at) || source.startsWith("-}}", at);
  }

  private Token token(boolean glued) {
    Position position = here();
    char c = source.charAt(at);
    if (c == '"') {
      return new Token(Token.Kind.STRING, quoted(position), glued, position);
    }
    if (c == '`') {
      return new Token(Token.Kind.STRING, raw(position), glued, position);
    }
    if (c == '$') {
      at++;
      return new Token(Token.Kind.VARIABLE, name(), glued, position);
    }
    if (c == '.') {
      at++;
      return new Token(Token.Kind.FIELD, name(), glued, position);
    }
    if (Character.isDigit(c) || negative()) {
      int start = at++;
      while (at < source.length()
          && (Character.isDigit(source.charAt(at)) || source.charAt(at) == '.')) {
        at++;
      }
      return new Token(Token.Kind.NUMBER, source.substring(start, at), glued, position);
    }
    if (Character.isLetter(c)) {
      return new Token(Token.Kind.WORD, name(), glued, position);
    }
    return new Token(Token.Kind.SIGN, sign(position), glued, position);
  }

  private boolean negative() {
    return source.charAt(at) == '-'
        && at + 1 < source.length()
        && Character.isDigit(source.charAt(at + 1));
  }

  private String sign(Position position) {
    String sign = source.startsWith(":=", at) ? ":=" : source.substring(at, at + 1);
    if (!List.of("(", ")", "|", ",", ":=", "=").contains(sign)) {
      throw new TemplateException(position, "'%s' has no meaning here".formatted(sign));
    }
    at += sign.length();
    return sign;
  }

  private String name() {
    int start = at;
    while (at < source.length()
        && (Character.isLetterOrDigit(source.charAt(at)) || source.charAt(at) == '_')) {
      at++;
    }
    return source.substring(start, at);
  }

  private String quoted(Position position) {
    var text = new StringBuilder();
    at++;
    while (at < source.length() && source.charAt(at) != '"') {
      char c = source.charAt(at++);
      if (c == '\n') {
        break;
      }
      text.append(c == '\\' ? escaped(position) : c);
    }
    if (at >= source.length() || source.charAt(at) != '"') {
      throw new TemplateException(position, "the string does not end");
    }
    at++;
    return text.toString();
  }

  private char escaped(Position position) {
    char c = source.charAt(at++);
    return switch (c) {
      case 'n' -> '\n';
      case 't' -> '\t';
      case '"', '\\' -> c;
      default ->
          throw new TemplateException(position, "the escape \\%s is not read here".formatted(c));
    };
  }

  private String raw(Position position) {
    int end = source.indexOf('`', at + 1);
    if (end < 0) {
      throw new TemplateException(position, "the string does not end");
    }
    String text = source.substring(at + 1, end);
    count(end + 1);
    return text;
  }

  private void blanks() {
    while (at < source.length() && Character.isWhitespace(source.charAt(at))) {
      if (source.charAt(at) == '\n') {
        line++;
      }
      at++;
    }
  }

  private void count(int end) {
    for (; at < end; at++) {
      if (source.charAt(at) == '\n') {
        line++;
      }
    }
  }

  private Position here() {
    return new Position(file, line);
  }
}
