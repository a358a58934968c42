// SPDX-License-Identifier: Apache-2.0
package io.jilium.wire;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/**
 * A socket whose reads and writes wait for progress no longer than given. Blocks its platform
 * thread while it waits.
 */
final class TimedChannel implements ByteChannel {
  private final SocketChannel socket;
  private final Selector selector;
  private final SelectionKey key;
  private volatile long timeoutMillis;

  TimedChannel(SocketChannel socket, Duration timeout) throws IOException {
    this.socket = socket;
    this.timeoutMillis = timeout.toMillis();
    this.selector = Selector.open();
    try {
      socket.configureBlocking(false);
      this.key = socket.register(selector, 0);
    } catch (IOException | RuntimeException e) {
      selector.close();
      throw e;
    }
  }

  /** Zero waits for ever. */
  void timeout(Duration timeout) {
    timeoutMillis = timeout.toMillis();
  }

  @Override
  public int read(ByteBuffer buffer) throws IOException {
    int count;
    while ((count = socket.read(buffer)) == 0 && buffer.hasRemaining()) {
      await(SelectionKey.OP_READ);
    }
    return count;
  }

  @Override
  public int write(ByteBuffer buffer) throws IOException {
    int count;
    while ((count = socket.write(buffer)) == 0 && buffer.hasRemaining()) {
      await(SelectionKey.OP_WRITE);
    }
    return count;
  }

  private void await(int operation) throws IOException {
    key.interestOps(operation);
    selector.select(timeoutMillis);
    if (selector.selectedKeys().isEmpty() && timeoutMillis > 0) {
      throw new SocketTimeoutException();
    }
    selector.selectedKeys().clear();
  }

  @Override
  public boolean isOpen() {
    return socket.isOpen();
  }

  @Override
  public void close() throws IOException {
    try (selector) {
      socket.close();
    }
  }
}
