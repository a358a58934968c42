// SPDX-License-Identifier: Apache-2.0
package io.jilium.wire;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.util.Optional;

/**
 * Messages over a byte stream, each behind its length: four bytes, big endian. Not thread-safe; one
 * thread may read while another writes.
 */
public final class FrameChannel implements AutoCloseable {
  /**
   * What a client may send: requests are small, so that a hostile one cannot make the agent
   * allocate.
   */
  public static final int MAX_REQUEST = 64 << 10;

  /** What the agent may send. Larger answers are split into several. */
  public static final int MAX_RESPONSE = 4 << 20;

  /**
   * The JDK copies a heap buffer to native memory as large as one write, once per carrier thread.
   */
  private static final int WRITE_PIECE = 64 << 10;

  private static final int HEADER = Integer.BYTES;

  private final ByteChannel channel;
  private final int maxIncoming;
  private final int maxOutgoing;

  public FrameChannel(ByteChannel channel, int maxIncoming, int maxOutgoing) {
    this.channel = channel;
    this.maxIncoming = maxIncoming;
    this.maxOutgoing = maxOutgoing;
  }

  /**
   * The next message, or nothing when the other side closed between two messages.
   *
   * @throws EOFException when it closed within one
   * @throws FrameException when the bytes are no message
   */
  public <T extends MessageLite> Optional<T> read(Parser<T> parser) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER);
    if (!fill(header)) {
      return Optional.empty();
    }
    int length = header.getInt(0);
    if (length < 0 || length > maxIncoming) {
      throw new FrameException(
          "a frame of %d bytes, more than the %d allowed"
              .formatted(Integer.toUnsignedLong(length), maxIncoming));
    }
    ByteBuffer body = ByteBuffer.allocate(length);
    if (!fill(body) && length > 0) {
      throw new EOFException("closed after the header of a frame of %d bytes".formatted(length));
    }
    try {
      return Optional.of(parser.parseFrom(body.array()));
    } catch (InvalidProtocolBufferException e) {
      throw new FrameException("a frame that is no message: " + e.getMessage());
    }
  }

  /** Sends one message; returns when the system has taken all of it. */
  public void write(MessageLite message) throws IOException {
    int length = message.getSerializedSize();
    if (length > maxOutgoing) {
      throw new FrameException(
          "a message of %d bytes, more than the %d allowed".formatted(length, maxOutgoing));
    }
    ByteBuffer frame = ByteBuffer.allocate(HEADER + length);
    frame.putInt(length).put(message.toByteArray()).flip();
    while (frame.hasRemaining()) {
      int piece = Math.min(frame.remaining(), WRITE_PIECE);
      ByteBuffer slice = frame.slice(frame.position(), piece);
      channel.write(slice);
      frame.position(frame.position() + slice.position());
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /** False when the stream ended before the first byte. */
  private boolean fill(ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        if (buffer.position() == 0) {
          return false;
        }
        throw new EOFException(
            "closed after %d of %d bytes".formatted(buffer.position(), buffer.limit()));
      }
    }
    return true;
  }
}
