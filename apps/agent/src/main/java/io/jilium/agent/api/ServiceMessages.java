// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.api;

import com.google.protobuf.ByteString;
import io.jilium.agent.service.Asker;
import io.jilium.agent.service.ServiceView;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.Protocol;
import io.jilium.core.service.BackendState;
import io.jilium.core.service.Explanation;
import io.jilium.core.service.FrontendType;
import io.jilium.core.service.PortAddress;
import io.jilium.datapath.BackendEntry;
import io.jilium.datapath.BackendSetEntry;
import io.jilium.datapath.ClientKind;
import io.jilium.datapath.FrontendEntry;
import io.jilium.datapath.FrontendKey;
import io.jilium.datapath.ServiceMaps;
import io.jilium.wire.agent.Error;
import io.jilium.wire.agent.LbAffinity;
import io.jilium.wire.agent.LbBackend;
import io.jilium.wire.agent.LbFrontend;
import io.jilium.wire.agent.LbMaglev;
import io.jilium.wire.agent.LbSet;
import io.jilium.wire.agent.LbSourceRange;
import io.jilium.wire.agent.MapDumpRequest;
import io.jilium.wire.agent.Response;
import io.jilium.wire.agent.ServiceBackend;
import io.jilium.wire.agent.ServiceCandidate;
import io.jilium.wire.agent.ServiceExplainRequest;
import io.jilium.wire.agent.ServiceExplanation;
import io.jilium.wire.agent.ServiceFrontend;
import io.jilium.wire.agent.ServiceList;
import io.jilium.wire.agent.ServiceListRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/** Services as messages: as they are decided, and as they are in the kernel's maps. */
final class ServiceMessages {
  private static final int PART = 256;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Supplier<Optional<ServiceView>> view;

  ServiceMessages(Supplier<Optional<ServiceView>> view) {
    this.view = view;
  }

  private ServiceView services() {
    return view.get()
        .orElseThrow(() ->
            new Refusal(
                Error.Kind.UNAVAILABLE,
                "services are not balanced here; set socketLB.enabled=true or"
                    + " kubeProxyReplacement=true"));
  }

  void list(ServiceListRequest request, Conversation.Client client) throws IOException {
    var list = ServiceList.newBuilder();
    boolean any = false;
    for (var row : services().rows()) {
      if (request.getId() == 0 || row.id() == request.getId()) {
        any = true;
        list.addFrontends(frontend(row));
        if (list.getFrontendsCount() == PART) {
          client.send(Response.newBuilder().setServices(list).build());
          list = ServiceList.newBuilder();
        }
      }
    }
    if (!any && request.getId() != 0) {
      throw new Refusal(Error.Kind.NOT_FOUND, "there is no service with ID " + request.getId());
    }
    client.send(Response.newBuilder().setServices(list).build());
  }

  private static ServiceFrontend frontend(ServiceView.Row row) {
    var frontend = row.frontend();
    var policy = frontend.policy();
    var message =
        ServiceFrontend.newBuilder()
            .setId(row.id())
            .setFrontend(frontend.address().toString())
            .setType(frontend.type().text())
            .setOwner(frontend.name().toString())
            .setPort(frontend.port())
            .setInternalPolicy(policy.internal().text())
            .setExternalPolicy(policy.external().text())
            .setAffinitySeconds(policy.affinitySeconds())
            .setSourceRangesDeny(policy.rangesDeny())
            .setInside(word(frontend.inside().choice()))
            .setOutside(policy.fromOutside() ? word(frontend.outside().choice()) : "drop")
            .setAlgorithm(frontend.outside().algorithm().text())
            .setFailure(row.failure());
    policy.ranges().stream().map(IpPrefix::toString).forEach(message::addSourceRanges);
    for (var listed : row.listed()) {
      var backend = listed.backend();
      message.addBackends(
          ServiceBackend.newBuilder()
              .setId(listed.id())
              .setAddress(backend.address().toString())
              .setState(backend.state().text())
              .setNode(backend.node())
              .setZone(backend.zone())
              .setWeight(backend.weight())
              .setInside(frontend.inside().usable().contains(backend))
              .setOutside(frontend.outside().usable().contains(backend))
              .setConnections(listed.connections()));
    }
    return message.build();
  }

  private static String word(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT);
  }

  void explain(ServiceExplainRequest request, Conversation.Client client) throws IOException {
    var asked =
        new PortAddress(address(request.getAddress()), request.getPort(), protocol(request));
    var answer = explain(asked, asker(request));
    var message =
        ServiceExplanation.newBuilder()
            .setVerdict(word(answer.explanation().choice()))
            .addAllReasons(answer.explanation().reasons())
            .addAllProblems(answer.problems());
    for (var candidate : answer.explanation().candidates()) {
      message.addCandidates(candidate(candidate));
    }
    client.send(Response.newBuilder().setServiceExplanation(message).build());
  }

  private ServiceView.Answer explain(PortAddress asked, Asker asker) {
    try {
      return services().explain(asked, asker);
    } catch (CompletionException e) {
      if (e.getCause() instanceof NoSuchElementException unknown) {
        throw new Refusal(Error.Kind.NOT_FOUND, String.valueOf(unknown.getMessage()));
      }
      throw e;
    }
  }

  private static Asker asker(ServiceExplainRequest request) {
    if (!request.getFrom().isEmpty()) {
      return new Asker.OfPod(request.getFrom());
    }
    return request.getOutside().isEmpty()
        ? new Asker.Anybody()
        : new Asker.Outside(address(request.getOutside()));
  }

  private static ServiceCandidate candidate(Explanation.Candidate candidate) {
    return ServiceCandidate.newBuilder()
        .setAddress(candidate.backend().address().toString())
        .setState(candidate.backend().state().text())
        .setNode(candidate.backend().node())
        .setWeight(candidate.backend().weight())
        .setWhyNot(candidate.whyNot())
        .build();
  }

  private static IpAddress address(String text) {
    try {
      return IpAddress.parse(text);
    } catch (IllegalArgumentException e) {
      throw new Refusal(Error.Kind.BAD_REQUEST, String.valueOf(e.getMessage()));
    }
  }

  private static Protocol protocol(ServiceExplainRequest request) {
    for (var protocol : Protocol.values()) {
      if (protocol.hasPorts() && protocol.text().equalsIgnoreCase(request.getProtocol())) {
        return protocol;
      }
    }
    throw new Refusal(
        Error.Kind.BAD_REQUEST,
        "\"%s\" is no protocol of services; they have TCP, UDP and SCTP"
            .formatted(request.getProtocol()));
  }

  /** False if the map is none of services. */
  boolean dump(MapDumpRequest.Map map, Conversation.Client client) throws IOException {
    var content = content(map);
    if (content.isEmpty()) {
      return false;
    }
    try (var maps = services().open()) {
      content.get().accept(maps, new MapDumps.Part(client));
      return true;
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static Optional<BiConsumer<ServiceMaps, MapDumps.Part>> content(MapDumpRequest.Map map) {
    return switch (map) {
      case LB_FRONTENDS -> Optional.of(ServiceMessages::frontends);
      case LB_BACKENDS -> Optional.of(ServiceMessages::backends);
      case LB_MAGLEV -> Optional.of(ServiceMessages::tables);
      case LB_AFFINITY -> Optional.of(ServiceMessages::affinity);
      case LB_SOURCE_RANGES -> Optional.of(ServiceMessages::ranges);
      default -> Optional.empty();
    };
  }

  private static void frontends(ServiceMaps maps, MapDumps.Part part) {
    maps.frontends()
        .forEach((key, entry) -> part.add(dump -> dump.addLbFrontends(frontend(maps, key, entry))));
    part.send();
  }

  private static LbFrontend frontend(ServiceMaps maps, FrontendKey key, FrontendEntry entry) {
    return LbFrontend.newBuilder()
        .setAddress(bytes(key.address()))
        .setPort(key.port())
        .setProto(key.protocol())
        .setId(entry.id())
        .setType(
            FrontendType.of(entry.type())
                .map(FrontendType::text)
                .orElseGet(() -> Integer.toString(entry.type())))
        .setFlags(entry.flags())
        .setAffinitySeconds(entry.affinitySeconds())
        .setInside(set(maps, entry.inside()))
        .setOutside(set(maps, entry.outside()))
        .build();
  }

  private static LbSet set(ServiceMaps maps, BackendSetEntry entry) {
    var set = LbSet.newBuilder().setId(entry.id()).setBase(entry.base()).setFlags(entry.flags());
    for (int i = 0; i < entry.count(); i++) {
      var slot = maps.slots().get(entry.base() + i);
      set.addBackends(backend(slot.backend(), maps.backends().get(slot.backend())));
    }
    return set.build();
  }

  private static LbBackend backend(int id, Optional<BackendEntry> entry) {
    var backend = LbBackend.newBuilder().setId(id);
    entry.ifPresent(found ->
        backend
            .setAddress(bytes(found.address()))
            .setPort(found.port())
            .setProto(found.protocol())
            .setState(
                BackendState.of(found.state())
                    .map(BackendState::text)
                    .orElseGet(() -> Integer.toString(found.state())))
            .setConnections(found.connections()));
    return backend.build();
  }

  private static void backends(ServiceMaps maps, MapDumps.Part part) {
    for (int id = 1; id < maps.backends().capacity(); id++) {
      var entry = maps.backends().get(id);
      if (entry.isPresent()) {
        var message = backend(id, entry);
        part.add(dump -> dump.addLbBackends(message));
      }
    }
    part.send();
  }

  /** A table is long: each goes alone. */
  private static void tables(ServiceMaps maps, MapDumps.Part part) {
    maps.maglev()
        .forEach((base, table) -> {
          part.add(dump -> dump.addLbMaglev(table(base, table)));
          part.send();
        });
  }

  private static LbMaglev table(int base, int[] table) {
    var message = LbMaglev.newBuilder().setBase(base);
    for (int position : table) {
      message.addPositions(position);
    }
    return message.build();
  }

  private static void affinity(ServiceMaps maps, MapDumps.Part part) {
    long now = System.nanoTime(); // CLOCK_MONOTONIC, as the programs' clock
    maps.affinity()
        .forEach((key, entry) -> {
          var message =
              LbAffinity.newBuilder()
                  .setFrontend(key.frontend())
                  .setBackend(entry.backend())
                  .setAgeMillis(Math.max(0, now - entry.usedNanos()) / NANOS_PER_MILLI);
          if (key.kind() == ClientKind.NETNS.number()) {
            message.setNetnsCookie(key.netnsCookie());
          } else {
            message.setClient(bytes(key.client()));
          }
          part.add(dump -> dump.addLbAffinity(message));
        });
    part.send();
  }

  private static void ranges(ServiceMaps maps, MapDumps.Part part) {
    maps.sourceRanges()
        .forEach((key, _) ->
            part.add(dump ->
                dump.addLbSourceRanges(
                    LbSourceRange.newBuilder()
                        .setFrontend(key.frontend())
                        .setAddress(bytes(key.prefix().address()))
                        .setPrefix(key.prefix().length()))));
    part.send();
  }

  private static ByteString bytes(IpAddress address) {
    return ByteString.copyFrom(address.bytes());
  }
}
