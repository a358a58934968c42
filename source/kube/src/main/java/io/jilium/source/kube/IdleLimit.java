// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** A stream that fails when nothing came for too long: nobody tells that a far end is gone. */
final class IdleLimit extends FilterInputStream {
  private static final ScheduledExecutorService CLOCK =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("kube-idle").daemon().factory());

  private final Duration limit;
  private final ScheduledFuture<?> check;
  private volatile long heard = System.nanoTime();
  private volatile boolean tooLong;

  private IdleLimit(InputStream in, Duration limit) {
    super(in);
    this.limit = limit;
    long period = limit.toMillis() / 4;
    this.check = CLOCK.scheduleWithFixedDelay(this::look, period, period, TimeUnit.MILLISECONDS);
  }

  static InputStream guard(InputStream in, Duration limit) {
    return new IdleLimit(in, limit);
  }

  private void look() {
    if (System.nanoTime() - heard > limit.toNanos()) {
      tooLong = true;
      check.cancel(false);
      try {
        in.close();
      } catch (IOException _) {
        return; // the reader finds out
      }
    }
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    int count = read(one, 0, 1);
    return count < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    try {
      int count = in.read(buffer, offset, length);
      heard = System.nanoTime();
      return count;
    } catch (IOException e) {
      throw tooLong ? silent(e) : e;
    }
  }

  private IOException silent(IOException cause) {
    var silent = new SocketTimeoutException("nothing came for " + limit.toSeconds() + " s");
    silent.initCause(cause);
    return silent;
  }

  @Override
  public void close() throws IOException {
    check.cancel(false);
    super.close();
  }
}
