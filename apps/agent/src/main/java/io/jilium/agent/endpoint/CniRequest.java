// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import io.jilium.agent.endpoint.CniException.Code;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StreamCorruptedException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the plugin hands over: {@code JILIUM-CNI/1 COMMAND ENVLEN STDINLEN\n}, the CNI_* variables
 * as {@code KEY=VALUE\0}, the network configuration. A queued DEL has the same form and no
 * configuration.
 */
record CniRequest(CniCommand command, Map<String, String> environment, String input) {
  static final int MAX_ENVIRONMENT = (64 << 10) + 64;
  static final int MAX_INPUT = 1 << 20;
  private static final int MAX_HEADER = 64;
  private static final Pattern HEADER =
      Pattern.compile("JILIUM-CNI/1 ([A-Z]{1,16}) (\\d{1,6}) (\\d{1,8})");
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.\\-]*");
  private static final Pattern HELD_OPEN = Pattern.compile("/proc/\\d{1,10}/fd/\\d{1,10}");
  private static final int MAX_NAME = 255;
  private static final int MAX_INTERFACE_NAME = 15;

  /** Reads one request; the stream is to bound the time. */
  static CniRequest read(InputStream stream) throws IOException {
    var header = readLine(stream);
    var match = HEADER.matcher(header);
    if (!match.matches()) {
      throw new StreamCorruptedException("not a request of the jilium plugin: \"" + header + "\"");
    }
    int environmentLength = Integer.parseInt(match.group(2));
    int inputLength = Integer.parseInt(match.group(3));
    if (environmentLength > MAX_ENVIRONMENT || inputLength > MAX_INPUT) {
      throw new StreamCorruptedException("request too long: \"" + header + "\"");
    }
    var environment = parseEnvironment(readExactly(stream, environmentLength));
    var input = readExactly(stream, inputLength);
    var command =
        CniCommand.of(match.group(1))
            .orElseThrow(() ->
                new CniException(
                    Code.INVALID_ENVIRONMENT, "CNI_COMMAND " + match.group(1) + " is not known"));
    return new CniRequest(command, environment, decode(input));
  }

  /** The attachment that the variables name. */
  Attachment attachment() {
    var container = required("CNI_CONTAINERID");
    if (container.length() > MAX_NAME || !NAME.matcher(container).matches()) {
      throw invalid("CNI_CONTAINERID", container, "letters, digits, '_', '.' and '-'");
    }
    var name = required("CNI_IFNAME");
    boolean bad =
        name.length() > MAX_INTERFACE_NAME
            || name.equals(".")
            || name.equals("..")
            || name.chars().anyMatch(c -> c == '/' || c == ':' || c <= ' ' || c > '~');
    if (bad) {
      throw invalid("CNI_IFNAME", name, "at most 15 characters, none of them '/', ':' or a space");
    }
    return new Attachment(container, name);
  }

  /** Where the container's network namespace is. */
  NetnsPath netns() {
    var path = required("CNI_NETNS");
    if (!path.startsWith("/")) {
      throw invalid("CNI_NETNS", path, "an absolute path");
    }
    return new NetnsPath(path, optional("JILIUM_NETNS").filter(HELD_OPEN.asMatchPredicate()));
  }

  /** {@code CNI_ARGS}: what Kubernetes says of the pod. */
  Map<String, String> arguments() {
    var arguments = new LinkedHashMap<String, String>();
    for (var pair : optional("CNI_ARGS").orElse("").split(";", -1)) {
      if (pair.isEmpty()) {
        continue;
      }
      int equals = pair.indexOf('=');
      if (equals <= 0) {
        throw invalid("CNI_ARGS", pair, "KEY=VALUE pairs separated by semicolons");
      }
      arguments.put(pair.substring(0, equals), pair.substring(equals + 1));
    }
    return arguments;
  }

  Optional<String> optional(String variable) {
    return Optional.ofNullable(environment.get(variable)).filter(value -> !value.isEmpty());
  }

  private String required(String variable) {
    return optional(variable)
        .orElseThrow(() -> new CniException(Code.INVALID_ENVIRONMENT, variable + " is missing"));
  }

  private static CniException invalid(String variable, String value, String wanted) {
    return new CniException(
        Code.INVALID_ENVIRONMENT, variable + " \"" + value + "\" is not valid: " + wanted);
  }

  private static Map<String, String> parseEnvironment(byte[] bytes) {
    var variables = new LinkedHashMap<String, String>();
    for (var variable : new String(bytes, StandardCharsets.UTF_8).split("\0", -1)) {
      int equals = variable.indexOf('=');
      if (equals > 0) {
        variables.put(variable.substring(0, equals), variable.substring(equals + 1));
      }
    }
    return variables;
  }

  private static String readLine(InputStream stream) throws IOException {
    var line = new byte[MAX_HEADER];
    for (int length = 0; length < MAX_HEADER; length++) {
      int next = stream.read();
      if (next < 0) {
        throw new EOFException("the request ends in its first line");
      }
      if (next == '\n') {
        return new String(line, 0, length, StandardCharsets.US_ASCII);
      }
      line[length] = (byte) next;
    }
    throw new StreamCorruptedException("the request's first line does not end");
  }

  private static byte[] readExactly(InputStream stream, int length) throws IOException {
    var bytes = stream.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("the request ends " + (length - bytes.length) + " bytes early");
    }
    return bytes;
  }

  private static String decode(byte[] input) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(input)).toString();
    } catch (CharacterCodingException e) {
      throw new CniException(Code.DECODING, "network configuration: not UTF-8");
    }
  }
}
