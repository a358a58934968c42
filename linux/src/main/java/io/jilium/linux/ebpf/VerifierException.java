// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import io.jilium.linux.sys.Errno;
import io.jilium.linux.sys.LinuxException;
import java.util.List;
import java.util.regex.Pattern;

/** The kernel's verifier refused a program; the message has the reason, {@link #log} the rest. */
public final class VerifierException extends LinuxException {
  private static final long serialVersionUID = 1L;
  private static final Pattern PROGRAM = Pattern.compile("prog '([^']+)': BPF program load failed");
  private static final Pattern LOG =
      Pattern.compile("-- BEGIN PROG LOAD LOG --\n(.*?)-- END PROG LOAD LOG --", Pattern.DOTALL);
  private static final int SHOWN_LINES = 4;

  private final String program;
  private final String log;

  private VerifierException(String program, Errno errno, String log) {
    super("load program " + program, errno, "the verifier says: " + reason(log));
    this.program = program;
    this.log = log;
  }

  /** Finds the program and the verifier's log in the messages of libbpf. */
  static LinuxException of(String object, Errno errno, String messages) {
    var log = LOG.matcher(messages);
    var program = PROGRAM.matcher(messages);
    if (log.find()) {
      return new VerifierException(program.find() ? program.group(1) : object, errno, log.group(1));
    }
    return new LinuxException(
        "load eBPF object " + object, errno, messages.strip().replace("libbpf: ", ""));
  }

  public String program() {
    return program;
  }

  /** All that the verifier wrote, instruction by instruction. */
  public String log() {
    return log;
  }

  /** The last lines name the instruction and the reason; statistics follow them. */
  private static String reason(String log) {
    List<String> lines =
        log.lines().map(String::strip).filter(l -> !l.isEmpty() && !isStatistics(l)).toList();
    return String.join(" | ", lines.subList(Math.max(0, lines.size() - SHOWN_LINES), lines.size()));
  }

  private static boolean isStatistics(String line) {
    return line.startsWith("processed ")
        || line.startsWith("verification time ")
        || line.startsWith("stack depth ");
  }
}
