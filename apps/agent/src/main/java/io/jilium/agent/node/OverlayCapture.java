// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import io.jilium.core.settings.Settings;
import io.jilium.linux.netlink.PacketSocket;
import io.jilium.linux.netlink.SocketDiagnosis;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices who captures on the tunnel device: packets take it as long as somebody looks. The kernel
 * does not announce packet sockets, so they are listed a few times a second, which is one request
 * and costs microseconds.
 */
public final class OverlayCapture implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OverlayCapture.class);
  private static final Duration PAUSE = Duration.ofMillis(200);
  private static final int ALL_PROTOCOLS = 3;

  private final IntSupplier device;
  private final Consumer<Boolean> listener;
  private final SocketDiagnosis diagnosis;
  private final Thread thread;
  private volatile boolean active;
  private volatile boolean closed;

  private OverlayCapture(IntSupplier device, Consumer<Boolean> listener) {
    this.device = device;
    this.listener = listener;
    this.diagnosis = SocketDiagnosis.open();
    this.thread = Thread.ofPlatform().name("overlay-capture").daemon(true).unstarted(this::run);
  }

  /**
   * device: the index of the tunnel device, 0 when there is none. The listener runs on the
   * watcher's thread.
   */
  public static OverlayCapture start(IntSupplier device, Consumer<Boolean> listener) {
    var capture = new OverlayCapture(device, listener);
    capture.thread.start();
    return capture;
  }

  /** What a setting says whatever is captured; auto: nothing. */
  public static java.util.Optional<Boolean> forced(Settings settings) {
    return switch (settings.jilium().encapsulation()) {
      case AUTO -> java.util.Optional.empty();
      case PROGRAM -> java.util.Optional.of(false);
      case DEVICE -> java.util.Optional.of(true);
    };
  }

  /** Whether one of the sockets shows the packets of the device to somebody. */
  static boolean isCaptured(List<PacketSocket> sockets, int device) {
    return device != 0
        && sockets.stream().anyMatch(s -> s.sees(device) && s.protocol() == ALL_PROTOCOLS);
  }

  public boolean active() {
    return active;
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    diagnosis.close();
  }

  private void run() {
    while (!closed) {
      try {
        boolean now = isCaptured(diagnosis.packetSockets(), device.getAsInt());
        if (now != active) {
          active = now;
          listener.accept(now);
        }
        Thread.sleep(PAUSE);
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        if (closed) {
          return;
        }
        LOG.warn("list packet sockets: {}", e.getMessage());
        pause();
      }
    }
  }

  private void pause() {
    try {
      Thread.sleep(PAUSE.multipliedBy(50));
    } catch (InterruptedException e) {
      closed = true;
    }
  }
}
