// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.agent;

import static io.jilium.cli.verb.Json.object;

import io.jilium.cli.verb.AgentVerb;
import io.jilium.cli.verb.OutputOption;
import io.jilium.cli.verb.Table;
import io.jilium.wire.agent.Address;
import io.jilium.wire.agent.AddressListRequest;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code jilium ip list}. */
@Command(
    name = "list",
    description = "Every address and prefix whose identity this agent knows.",
    footer = {"%nExamples:", "  jilium ip list", "  jilium ip list -n"})
public final class IpListVerb extends AgentVerb {
  @Option(
      names = {"-n", "--numeric"},
      description = "the identity's number instead of its labels")
  private boolean numeric;

  @Mixin private OutputOption output = new OutputOption();

  @Override
  protected void run(PrintWriter out) {
    var addresses = new ArrayList<Address>();
    ask(
        all -> all.setAddressList(AddressListRequest.getDefaultInstance()),
        answer -> addresses.addAll(answer.getAddresses().getAddressesList()));
    addresses.sort(Comparator.comparing(Address::getCidr));
    if (!output.printJson(out, addresses.stream().map(IpListVerb::json).toList())) {
      print(addresses, numeric, out);
    }
  }

  static void print(List<Address> addresses, boolean numeric, PrintWriter out) {
    var table = new Table("IP", "IDENTITY", "SOURCE");
    for (Address address : addresses) {
      List<String> identity =
          numeric || address.getLabelsCount() == 0
              ? List.of(Integer.toString(address.getIdentity()))
              : address.getLabelsList();
      table.row(List.of(address.getCidr(), "", address.getSource()), 1, identity);
    }
    table.print(out);
  }

  private static Map<String, Object> json(Address address) {
    return object(
        "cidr", address.getCidr(),
        "identity", address.getIdentity(),
        "labels", address.getLabelsList(),
        "metadata", object("source", address.getSource(), "name", address.getPod()),
        "hostIP", address.getHost());
  }
}
