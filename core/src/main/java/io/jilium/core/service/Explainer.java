// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

import io.jilium.core.model.IpAddress;
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

  Explanation explain(PortAddress asked, boolean onNode, Optional<IpAddress> source) {
    var found = services.frontend(asked);
    if (found.isEmpty() && onNode) {
      found =
          services.frontend(
              PortAddress.anyAddress(asked.address().isV4(), asked.port(), asked.protocol()));
    }
    return found.isPresent()
        ? balanced(asked, found.get(), source)
        : new Explanation(asked, Optional.empty(), unknown(asked, source), reasons, List.of());
  }

  private Choice unknown(PortAddress asked, Optional<IpAddress> source) {
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
        : source.isPresent() ? Choice.DROP : Choice.PASS;
  }

  private Explanation balanced(PortAddress asked, Frontend frontend, Optional<IpAddress> source) {
    boolean outside = source.isPresent();
    reasons.add(
        "%s is %s port %s of %s"
            .formatted(
                asked,
                frontend.type().text(),
                frontend.port().isEmpty() ? frontend.address().port() + "" : frontend.port(),
                owner(frontend)));
    services
        .losers(frontend.address())
        .forEach(loser -> reasons.add(loser + " wants it too, and is younger"));
    var choice = frontend.backends(outside).choice();
    if (outside && !frontend.policy().fromOutside()) {
      reasons.add("cluster addresses do not serve the outside");
      choice = Choice.DROP;
    } else if (!admits(frontend, source)) {
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

  private static String owner(Frontend frontend) {
    return new Owner(frontend.owner(), frontend.type() == FrontendType.HOST_PORT).toString();
  }

  private boolean admits(Frontend frontend, Optional<IpAddress> source) {
    var policy = frontend.policy();
    if (policy.ranges().isEmpty() || source.isEmpty()) {
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

  private static String result(Choice choice, BackendSet set, int listed) {
    return switch (choice) {
      case BALANCE ->
          "one of %d of %d endpoints, %s"
              .formatted(
                  set.usable().size(),
                  listed,
                  set.algorithm() == Algorithm.MAGLEV ? "by Maglev" : "at random");
      case REJECT ->
          listed == 0
              ? "refused: there is no endpoint"
              : "refused: none of %d endpoints takes new connections".formatted(listed);
      case DROP -> "dropped";
      case PASS -> "passed on";
    };
  }
}
