// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.connectivity;

import io.jilium.cli.cluster.PodShell;
import java.time.Duration;
import java.util.List;

/** What pods are asked to do: fetch a page, ping. The images bring curl or nc. */
final class Probe {
  private static final Duration SLACK = Duration.ofSeconds(10);

  /** curl, else HTTP spoken by hand: busybox's wget asks for more than a small image has. */
  private static final String FETCH =
      """
      if command -v curl >/dev/null 2>&1; then
        exec curl --silent --show-error --fail --insecure --max-time "$2" "$1"
      fi
      case $1 in https:*) echo "https needs an image with curl" >&2; exit 2 ;; esac
      url=${1#http://}
      socket=${url%%/*}
      case $socket in
      \\[*\\]:*) host=${socket%]:*} port=${socket##*]:}; host=${host#\\[} ;;
      *:*) host=${socket%:*} port=${socket##*:} ;;
      *) host=$socket port=80 ;;
      esac
      answer=$(printf 'GET /%s HTTP/1.0\\r\\nHost: %s\\r\\n\\r\\n' "${url#*/}" "$socket" |
        nc -w "$2" "$host" "$port") || { echo "no connection to $socket" >&2; exit 7; }
      case $answer in
      HTTP/1.*" "[23]*) printf '%s\\n' "$answer" | tr -d '\\r' | sed '1,/^$/d' ;;
      '') echo "no answer from $socket" >&2; exit 28 ;;
      *) echo "$socket answered ${answer%%[! -~]*}" >&2; exit 22 ;;
      esac
      """;

  private final PodShell shell;
  private final Duration limit;

  /**
   * @param limit of one request
   */
  Probe(PodShell shell, Duration limit) {
    this.shell = shell;
    this.limit = limit;
  }

  /** Fetches a page of a server of the test, which answers with its name. */
  Outcome fetch(Peer from, String socket, Peer server) {
    String url = "http://" + socket + "/hostname";
    var result = run(from, url);
    if (!result.done()) {
      return failed(url, result);
    }
    String answered = result.out().strip();
    return answered.equals(server.name())
        ? Outcome.PASSED
        : new Outcome.Failed(
            "%s was answered by '%s', not by %s".formatted(url, answered, server.name()));
  }

  /** Fetches any page. */
  Outcome fetch(Peer from, String url) {
    var result = run(from, url);
    return result.done() ? Outcome.PASSED : failed(url, result);
  }

  private PodShell.Outcome run(Peer from, String url) {
    return shell.run(
        from.place(),
        limit.plus(SLACK),
        List.of("sh", "-c", FETCH, "fetch", url, Long.toString(limit.toSeconds())));
  }

  private static Outcome failed(String url, PodShell.Outcome result) {
    return new Outcome.Failed("fetching %s failed: %s".formatted(url, result.trouble()));
  }

  /** One echo request. */
  Outcome ping(Peer from, String address) {
    var command =
        List.of(
            "ping",
            Peer.isV4(address) ? "-4" : "-6",
            "-c",
            "1",
            "-W",
            Long.toString(limit.toSeconds()),
            address);
    var result = shell.run(from.place(), limit.plus(SLACK), command);
    return result.done()
        ? Outcome.PASSED
        : new Outcome.Failed(
            "'%s' failed: %s".formatted(String.join(" ", command), result.trouble()));
  }
}
