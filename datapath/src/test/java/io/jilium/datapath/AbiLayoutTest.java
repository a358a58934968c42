// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.model.DropReason;
import io.jilium.core.model.TraceObservationPoint;
import io.jilium.core.model.TraceState;
import io.jilium.core.service.BackendState;
import io.jilium.core.service.FrontendType;
import io.jilium.linux.ebpf.BpfObject;
import io.jilium.linux.ebpf.Btf;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Every struct and enum that C and Java share has one form: BTF of the anchor object says which.
 */
class AbiLayoutTest {
  private static final Map<String, StructLayout> STRUCTS =
      Map.ofEntries(
          Map.entry("flow_key", FlowKey.LAYOUT),
          Map.entry("flow_entry", FlowEntry.LAYOUT),
          Map.entry("endpoint_key", EndpointKey.LAYOUT),
          Map.entry("endpoint_entry", EndpointEntry.LAYOUT),
          Map.entry("ipcache_key", IpcacheKey.LAYOUT),
          Map.entry("ipcache_entry", IpcacheEntry.LAYOUT),
          Map.entry("device_entry", DeviceEntry.LAYOUT),
          Map.entry("fragment_key", FragmentKey.LAYOUT),
          Map.entry("fragment_entry", FragmentEntry.LAYOUT),
          Map.entry("metrics_key", MetricsKey.LAYOUT),
          Map.entry("metrics_entry", MetricsEntry.LAYOUT),
          Map.entry("runtime", RuntimeState.LAYOUT),
          Map.entry("changes", ServiceChanges.LAYOUT),
          Map.entry("event", EventLayout.LAYOUT),
          Map.entry("frontend_key", FrontendKey.LAYOUT),
          Map.entry("frontend_entry", FrontendEntry.LAYOUT),
          Map.entry("backend_set", BackendSetEntry.LAYOUT),
          Map.entry("backend_entry", BackendEntry.LAYOUT),
          Map.entry("backend_slot", BackendSlot.LAYOUT),
          Map.entry("member_key", MemberKey.LAYOUT),
          Map.entry("affinity_key", AffinityKey.LAYOUT),
          Map.entry("affinity_entry", AffinityEntry.LAYOUT),
          Map.entry("range_key", RangeKey.LAYOUT),
          Map.entry("node_address_key", NodeAddressKey.LAYOUT),
          Map.entry("socket_flow_key", SocketFlowKey.LAYOUT),
          Map.entry("socket_flow_entry", SocketFlowEntry.LAYOUT),
          Map.entry("socket_peer", SocketPeer.LAYOUT));

  private static BpfObject anchor;

  @BeforeAll
  static void open() {
    anchor = Programs.open("anchor");
  }

  @AfterAll
  static void close() {
    anchor.close();
  }

  private record Member(String name, int offset, long size) {}

  @Test
  void everyStructHasATwin() {
    var shared = new ArrayList<>(anchor.btf().structs());
    shared.remove("address");
    assertThat(STRUCTS.keySet()).containsExactlyInAnyOrderElementsOf(shared);
  }

  @Test
  void structsHaveTheSameMembersInTheSamePlaces() {
    STRUCTS.forEach((name, layout) -> {
      var struct = anchor.btf().struct(name).orElseThrow();
      assertThat(members(layout))
          .as("struct %s", name)
          .containsExactlyElementsOf(
              struct.members().stream()
                  .map(m -> new Member(m.name(), m.offset(), m.size()))
                  .toList());
      assertThat(layout.byteSize()).as("size of %s", name).isEqualTo(struct.size());
    });
  }

  private static List<Member> members(StructLayout layout) {
    return layout.memberLayouts().stream()
        .map(member -> {
          var name = member.name().orElseThrow();
          long offset = layout.byteOffset(PathElement.groupElement(name));
          return new Member(name, (int) offset, member.byteSize());
        })
        .toList();
  }

  @Test
  void addressIsSixteenBytes() {
    var union = anchor.btf().struct("address").orElseThrow();
    assertThat(union.size()).isEqualTo((int) Struct.ADDRESS.byteSize());
    assertThat(union.members()).extracting(Btf.Member::offset).containsOnly(0);
  }

  @Test
  void enumsHaveTheSameValues() {
    compare("family", "FAMILY_", AddressFamily.values(), AddressFamily::number);
    compare("endpoint_flag", "ENDPOINT_", EndpointFlag.values(), EndpointFlag::number);
    compare("event_type", "EVENT_", EventType.values(), EventType::number);
    compare("debug_point", "DEBUG_", DebugPoint.values(), DebugPoint::number);
    compare("source_file", "FILE_", SourceFile.values(), SourceFile::number);
    compare("event_flag", "EVENT_", EventFlag.values(), EventFlag::number);
    compare("flow_action", "ACTION_", FlowAction.values(), FlowAction::number);
    compare("flow_origin", "ORIGIN_", FlowOrigin.values(), FlowOrigin::number);
    compare("flow_flag", "FLOW_", FlowFlag.values(), FlowFlag::number);
    compare("ipcache_flag", "IPCACHE_", IpcacheFlag.values(), IpcacheFlag::number);
    compare("direction", "DIRECTION_", Direction.values(), Direction::number);
    compare("aggregation", "AGGREGATION_", Aggregation.values(), Aggregation::number);
    compare("frontend_type", "FRONTEND_", FrontendType.values(), FrontendType::number);
    compare("frontend_flag", "FRONTEND_", FrontendFlag.values(), FrontendFlag::number);
    compare("set_flag", "SET_", SetFlag.values(), SetFlag::number);
    compare("backend_state", "BACKEND_", BackendState.values(), BackendState::number);
    compare("client_kind", "CLIENT_", ClientKind.values(), ClientKind::number);
    compare("node_address_flag", "NODE_", NodeAddressFlag.values(), NodeAddressFlag::number);
    compare("socket_direction", "SOCKET_", SocketDirection.values(), SocketDirection::number);
    compare("verdict", "DROP_", DropReason.values(), DropReason::number);
  }

  @Test
  void countersHaveTheSameNumbers() {
    var all = new TreeMap<>(anchor.btf().enumeration("counter").orElseThrow());
    assertThat(all.remove("COUNTERS")).isEqualTo(Counter.values().length);
    compare(strip(all, "COUNTER_"), Counter.values(), Counter::number, "counter");
  }

  @Test
  void tracePointsAndStatesAreKnown() {
    values("observation_point", "TRACE_")
        .forEach((name, number) ->
            assertThat(TraceObservationPoint.of(number).orElseThrow().name()).isEqualTo(name));
    values("trace_state", "STATE_")
        .forEach((name, number) ->
            assertThat(TraceState.of(number).orElseThrow().name()).isEqualTo(name));
  }

  @Test
  void everySettingIsKnownToBothSides() {
    var config = Configs.minimal().variables();
    for (var hook : Hook.values()) {
      try (var object = Programs.open(hook.object())) {
        var names =
            object.btf().variables().stream()
                .filter(v -> v.name().startsWith("cfg_") || v.name().startsWith("svc_"))
                .collect(Collectors.toMap(Btf.Variable::name, Btf.Variable::size));
        var ours = new LinkedHashMap<String, Integer>();
        config.forEach((name, bytes) -> ours.put(name, bytes.length));
        assertThat(ours).as(hook.object()).isEqualTo(names);
      }
    }
  }

  @Test
  void everySettingOfSocketsIsKnownToBothSides() {
    var config = new ServiceConfig(1, true, true, ServiceSizes.DEFAULT).variables();
    try (var object = Programs.open(SocketHook.OBJECT)) {
      var names =
          object.btf().variables().stream()
              .filter(v -> v.name().startsWith("svc_"))
              .collect(Collectors.toMap(Btf.Variable::name, Btf.Variable::size));
      var ours = new LinkedHashMap<String, Integer>();
      config.forEach((name, bytes) -> ours.put(name, bytes.length));
      assertThat(ours).isEqualTo(names);
    }
  }

  private static <E extends Enum<E>> void compare(
      String name, String prefix, E[] ours, ToIntFunction<E> number) {
    compare(values(name, prefix), ours, number, name);
  }

  private static <E extends Enum<E>> void compare(
      Map<String, Integer> kernel, E[] ours, ToIntFunction<E> number, String name) {
    var twins = new TreeMap<String, Integer>();
    Arrays.stream(ours).forEach(value -> twins.put(value.name(), number.applyAsInt(value)));
    assertThat(twins).as("enum %s", name).isEqualTo(kernel);
  }

  /** The values of an enum without their prefix; VERDICT_OK is not a reason. */
  private static Map<String, Integer> values(String name, String prefix) {
    return strip(anchor.btf().enumeration(name).orElseThrow(), prefix);
  }

  private static Map<String, Integer> strip(Map<String, Long> values, String prefix) {
    var stripped = new TreeMap<String, Integer>();
    values.forEach((key, value) -> {
      if (key.startsWith(prefix)) {
        stripped.put(key.substring(prefix.length()).toUpperCase(Locale.ROOT), value.intValue());
      }
    });
    return stripped;
  }
}
