// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.agent.monitor.FakeEvents;
import io.jilium.datapath.Event;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

/** Whose packet an event is about. The endpoints are those of {@link FakeState}. */
final class WhereaboutsTest {
  private static final int DEBUG = 2;
  private static final int TRACE = 4;
  private static final int DATA = 72;
  private static final int IFINDEX = 28;

  private final Whereabouts whereabouts = new Whereabouts(new FakeState());

  @Test
  void knowsNamesOfDevices() {
    assertThat(whereabouts.device(2)).isEqualTo("eth0");
    assertThat(whereabouts.device(107)).isEqualTo("lxc7");
    assertThat(whereabouts.device(99)).isEmpty();
  }

  @Test
  void anEventThatKnowsItsEndpointIsBelieved() {
    assertThat(whereabouts.endpoint(event(DEBUG, 9, 107, "10.244.0.8"))).isEqualTo(9);
    assertThat(whereabouts.endpoint(event(TRACE, 0, 107, "10.244.0.8"))).isZero();
  }

  @Test
  void anEarlyStepIsAboutTheSendersDeviceElseTheReceiver() {
    assertThat(whereabouts.endpoint(event(DEBUG, 0, 107, "10.244.0.8"))).isEqualTo(7);
    assertThat(whereabouts.endpoint(event(DEBUG, 0, 2, "10.244.0.8"))).isEqualTo(8);
    assertThat(whereabouts.endpoint(event(DEBUG, 0, 2, "192.0.2.1"))).isZero();
  }

  private static Event event(int type, int endpoint, int ifindex, String destination) {
    var event = ByteBuffer.allocateDirect(200).order(ByteOrder.nativeOrder());
    event.put(0, FakeEvents.event(type, 1, endpoint, 0)).putInt(IFINDEX, ifindex);
    event.put(DATA + 30, io.jilium.core.model.IpAddress.parse(destination).bytes());
    return Event.of(MemorySegment.ofBuffer(event));
  }
}
