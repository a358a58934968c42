// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jilium.agent.endpoint.CniException.Code;
import io.jilium.core.model.Endpoint;
import io.jilium.core.model.EndpointState;
import io.jilium.core.model.Labels;
import io.jilium.core.model.NumericIdentity;
import io.jilium.core.model.PodName;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns a request of the plugin into what the endpoints do, and the outcome into what the plugin
 * prints.
 */
final class CniVerbs {
  /** What the plugin exits with and prints. */
  record Answer(int exitCode, String body) {
    static Answer of(ObjectNode json) {
      return new Answer(0, json.toPrettyString() + "\n");
    }

    static Answer failure(CniException e, CniVersion version) {
      return new Answer(1, e.toJson(version).toPrettyString() + "\n");
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(CniVerbs.class);
  private static final Answer DONE = new Answer(0, "");

  private final EndpointService endpoints;

  CniVerbs(EndpointService endpoints) {
    this.endpoints = endpoints;
  }

  /** Never throws: whatever goes wrong is an answer. */
  Answer perform(CniRequest request) {
    try {
      var answer = dispatch(request);
      LOG.debug("{} {}: done", request.command(), subject(request));
      return answer;
    } catch (CniException e) {
      LOG.warn("{} {}: {}", request.command(), subject(request), e.getMessage());
      return Answer.failure(e, NetworkConfig.versionOf(request.input()));
    } catch (RuntimeException e) {
      LOG.error("{} {}", request.command(), subject(request), e);
      var message = e.getMessage() == null ? e.toString() : e.getMessage();
      return Answer.failure(
          new CniException(Code.INTERNAL, message), NetworkConfig.versionOf(request.input()));
    }
  }

  /** Nobody heard the answer: what ADD made has no owner. */
  void undelivered(CniRequest request, Answer answer) {
    if (request.command() != CniCommand.ADD || answer.exitCode() != 0) {
      return;
    }
    LOG.warn("ADD {}: the plugin is gone, undone", subject(request));
    try {
      endpoints.delete(request.attachment());
    } catch (RuntimeException e) {
      LOG.warn("undo ADD {}: {}", subject(request), e.getMessage());
    }
  }

  /**
   * Loads the classes of a request and its answer, which would cost the first pod 0.1 s and more.
   */
  static void rehearse(PodNetwork network) {
    var config = "{\"cniVersion\":\"1.1.0\",\"name\":\"jilium\",\"prevResult\":{\"ips\":[]}}";
    var text = "JILIUM-CNI/1 ADD 0 " + config.length() + "\n" + config;
    try {
      var request =
          CniRequest.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII)));
      var parsed = NetworkConfig.parse(request.command(), request.input());
      var endpoint =
          new Endpoint(
              1,
              "rehearsal",
              new Attachment("rehearsal", "eth0").deviceName(),
              0,
              "eth0",
              "/",
              PodName.NONE,
              Labels.NONE,
              NumericIdentity.UNKNOWN,
              Stream.of(network.routerIpv4(), network.routerIpv6())
                  .flatMap(Optional::stream)
                  .toList(),
              PodDevices.newMac(),
              PodDevices.newMac(),
              EndpointState.WAITING_FOR_IDENTITY);
      var _ = Answer.of(CniResult.of(endpoint, network, parsed.version()));
      var row = new EndpointRow(endpoint, "", "", Instant.now());
      var _ = EntryJson.read(EntryJson.write(new Entry(row, parsed.name())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Answer dispatch(CniRequest request) {
    var command = request.command();
    var config = NetworkConfig.parse(command, request.input());
    return switch (command) {
      case ADD -> add(request, config);
      case DEL -> {
        endpoints.delete(request.attachment());
        yield DONE;
      }
      case CHECK -> {
        if (config.previousAddresses().isEmpty()) {
          throw new CniException(
              Code.INVALID_CONFIG, "network configuration: CHECK needs prevResult");
        }
        endpoints.check(request.attachment(), request.netns(), config.previousAddresses());
        yield DONE;
      }
      case GC -> {
        Set<Attachment> valid =
            config
                .validAttachments()
                .orElseThrow(() ->
                    new CniException(
                        Code.INVALID_CONFIG,
                        "network configuration: cni.dev/valid-attachments is missing"));
        endpoints.collect(config.name(), valid);
        yield DONE;
      }
      case STATUS -> {
        endpoints.status();
        yield DONE;
      }
    };
  }

  private Answer add(CniRequest request, NetworkConfig config) {
    var arguments = request.arguments();
    var namespace = Optional.ofNullable(arguments.get("K8S_POD_NAMESPACE")).orElse("");
    var name = Optional.ofNullable(arguments.get("K8S_POD_NAME")).orElse("");
    var pod = name.isEmpty() || namespace.isEmpty() ? PodName.NONE : new PodName(namespace, name);
    var uid = Optional.ofNullable(arguments.get("K8S_POD_UID")).orElse("");
    var entry =
        endpoints.add(
            new AddRequest(request.attachment(), request.netns(), config.name(), pod, uid));
    return Answer.of(CniResult.of(entry.endpoint(), endpoints.network(), config.version()));
  }

  private static String subject(CniRequest request) {
    return request.optional("CNI_CONTAINERID").orElse("")
        + request.optional("CNI_ARGS").map(arguments -> " (" + arguments + ")").orElse("");
  }
}
