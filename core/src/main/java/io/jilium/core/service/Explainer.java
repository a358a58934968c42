// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

import io.jilium.core.model.TrafficPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Follows one connection through the decisions and writes down why. */
final class Explainer {
  private final Services services;
  private final ServiceOptions options;
  private final NodeFacts facts;
  private final List<String> reasons = new ArrayList<>();

  Explainer(Services services, ServiceOptions options, NodeFacts facts) {
    this.services = services;
    this.options = options;
    this.facts = facts;
  }

  Explanation explain(PortAddress asked, Place place, Client client) {
    if (client instanceof Client.LocalPod && asked.address().isLoopback()) {
      reasons.add(asked.address() + " is the pod's own address");
      return passed(asked);
    }
    var found = services.frontend(asked);
    if (found.isEmpty() && place != Place.NO_NODE) {
      found =
          services.frontend(
              PortAddress.anyAddress(asked.address().isV4(), asked.port(), asked.protocol()));
      if (found.isPresent() && place == Place.OTHER_NODE && isItsNodes(asked, found.get())) {
        return passed(asked);
      }
    }
    return found.isPresent()
        ? balanced(asked, found.get(), client)
        : new Explanation(asked, Optional.empty(), unknown(asked, client), reasons, List.of());
  }

  private Explanation passed(PortAddress asked) {
    return new Explanation(asked, Optional.empty(), Choice.PASS, reasons, List.of());
  }

  /** Whether the node that has the address decides, and not the one of the client. */
  private boolean isItsNodes(PortAddress asked, Frontend frontend) {
    if (frontend.type() == FrontendType.HOST_PORT) {
      reasons.add(
          "%s is of another node, and host port %d of %s is one of this node"
              .formatted(asked.address(), asked.port(), frontend.owner()));
      return true;
    }
    if (frontend.policy().external() == TrafficPolicy.LOCAL) {
      reasons.add(
          "%s is of another node, and the external traffic policy of %s is Local: that node decides"
              .formatted(asked.address(), frontend.owner()));
      return true;
    }
    return false;
  }

  private Choice unknown(PortAddress asked, Client client) {
    var whole = services.whole(asked.address());
    if (whole.isEmpty()) {
      reasons.add(
          services
              .leftAlone(asked.address())
              .orElse(asked + " is no address and port of a service"));
      return Choice.PASS;
    }
    reasons.add(
        "%s is a %s address, and no service has its port %d/%s"
            .formatted(asked.address(), whole.get().text(), asked.port(), asked.protocol().text()));
    return whole.get() == FrontendType.CLUSTER_IP
        ? Choice.REJECT
        : client.isOutside() ? Choice.DROP : Choice.PASS;
  }

  private Explanation balanced(PortAddress asked, Frontend frontend, Client client) {
    boolean outside = client.isOutside();
    reasons.add(
        "%s is %s port %s of %s"
            .formatted(
                asked,
                frontend.type().text(),
                frontend.port().isEmpty() ? frontend.address().port() + "" : frontend.port(),
                frontend.owner()));
    services
        .losers(frontend.address())
        .forEach(loser -> reasons.add(loser + " wants it too, and is younger"));
    var choice = frontend.backends(outside).choice();
    if (outside && !frontend.policy().fromOutside()) {
      reasons.add("cluster addresses do not serve the outside");
      choice = Choice.DROP;
    } else if (!admits(frontend, client)) {
      choice = Choice.DROP;
    } else {
      reasons.add(scope(frontend, outside));
    }
    var candidates =
        Resolver.candidates(
            options, facts, services.ownerOf(frontend.address()), frontend, outside);
    reasons.add(result(choice, frontend.backends(outside), candidates.size()));
    return new Explanation(asked, Optional.of(frontend), choice, reasons, candidates);
  }

  private boolean admits(Frontend frontend, Client client) {
    var policy = frontend.policy();
    var source = client.address(frontend.address().address().isV4());
    if (policy.ranges().isEmpty()) {
      return true;
    }
    if (source.isEmpty()) {
      reasons.add(
          "its source ranges %s %s: it depends on the client's address"
              .formatted(policy.ranges(), policy.rangesDeny() ? "may not" : "alone may"));
      return true;
    }
    var inside = policy.ranges().stream().filter(range -> range.contains(source.get())).findFirst();
    if (policy.rangesDeny()) {
      inside.ifPresent(
          range -> reasons.add(source.get() + " lies in " + range + ", which the service denies"));
      return inside.isEmpty();
    }
    if (inside.isEmpty()) {
      reasons.add(source.get() + " lies in none of the source ranges " + policy.ranges());
    }
    return inside.isPresent();
  }

  private static String scope(Frontend frontend, boolean outside) {
    return switch (frontend.backends(outside).key().scope()) {
      case LOCAL ->
          frontend.type() == FrontendType.HOST_PORT
              ? "the pod is the only backend"
              : "the %s traffic policy is Local: endpoints on this node alone"
                  .formatted(outside ? "external" : "internal");
      case CLUSTER -> "endpoints of the whole cluster";
    };
  }

  private static String how(BackendSet set) {
    if (set.algorithm() != Algorithm.MAGLEV) {
      return "at random";
    }
    boolean alike = set.usable().stream().mapToInt(Backend::weight).distinct().count() == 1;
    return alike ? "by Maglev" : "by Maglev, weighted";
  }

  private static String result(Choice choice, BackendSet set, int listed) {
    return switch (choice) {
      case BALANCE ->
          "one of %d of %d endpoints, %s".formatted(set.usable().size(), listed, how(set));
      case REJECT ->
          listed == 0
              ? "refused: there is no endpoint"
              : "refused: none of %d endpoints takes new connections".formatted(listed);
      case DROP -> "dropped";
      case PASS -> "passed on";
    };
  }
}
