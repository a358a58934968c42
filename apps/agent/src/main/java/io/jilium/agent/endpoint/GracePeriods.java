// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the kernel's RCU grace periods short while programs are attached to devices or detached.
 *
 * <p>Attaching by tcx waits for a whole grace period (tcx_entry_sync in include/net/tcx.h), 12 ms
 * and more at 250 Hz, and holds the lock of all devices meanwhile, so that twenty pods at once
 * would wait for each other a quarter of a second. The kernel expedites the same wait by itself
 * wherever else it changes devices (synchronize_net in net/core/dev.c); here the switch that it
 * offers to administrators does it. A kernel without the switch, or where it may not be written, is
 * merely slower.
 */
final class GracePeriods {
  /** Until closed, grace periods are short. */
  interface Expedited extends AutoCloseable {
    @Override
    void close();
  }

  private static final Path SWITCH = Path.of("/sys/kernel/rcu_expedited");
  private static final String MARKER = "rcu_expedited";
  private static final Logger LOG = LoggerFactory.getLogger(GracePeriods.class);

  private final Path expedited;
  private final Path marker;
  private final ReentrantLock lock = new ReentrantLock();
  private int users;
  private boolean ours;
  private boolean usable = true;

  /** That of this kernel; puts the switch back if an agent that was killed had left it on. */
  static GracePeriods of(Path runDirectory) {
    return new GracePeriods(SWITCH, runDirectory.resolve(MARKER));
  }

  /**
   * @param expedited the kernel's switch
   * @param marker a file that exists while the switch is on because of us: a start after a crash
   *     puts the switch back
   */
  GracePeriods(Path expedited, Path marker) {
    this.expedited = expedited;
    this.marker = marker;
    if (Files.exists(marker)) {
      ours = true;
      restore();
    }
  }

  Expedited expedite() {
    lock.lock();
    try {
      if (users++ == 0) {
        begin();
      }
    } finally {
      lock.unlock();
    }
    return this::end;
  }

  private void begin() {
    if (!usable) {
      return;
    }
    try {
      if (Files.readString(expedited).strip().equals("0")) {
        Files.write(marker, new byte[0]);
        ours = true;
        write("1");
      }
    } catch (IOException e) {
      usable = false;
      LOG.info("pods start more slowly: {} cannot be used: {}", expedited, e.getMessage());
      restore();
    }
  }

  private void end() {
    lock.lock();
    try {
      if (--users == 0) {
        restore();
      }
    } finally {
      lock.unlock();
    }
  }

  private void restore() {
    if (!ours) {
      return;
    }
    ours = false;
    try {
      write("0");
    } catch (IOException e) {
      LOG.debug("restore {}: {}", expedited, e.getMessage());
    }
    try {
      Files.deleteIfExists(marker);
    } catch (IOException e) {
      LOG.warn("delete {}: {}", marker, e.getMessage());
    }
  }

  private void write(String value) throws IOException {
    Files.write(expedited, value.getBytes(StandardCharsets.US_ASCII), StandardOpenOption.WRITE);
  }
}
