// SPDX-License-Identifier: Apache-2.0
package io.jilium.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jilium.wire.AgentException.Kind;
import io.jilium.wire.agent.End;
import io.jilium.wire.agent.Error;
import io.jilium.wire.agent.Request;
import io.jilium.wire.agent.Response;
import io.jilium.wire.agent.Version;
import io.jilium.wire.agent.VersionRequest;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client against agents that answer well, badly, late and not at all. */
final class AgentClientTest {
  private static final Request VERSION =
      Request.newBuilder().setVersion(VersionRequest.getDefaultInstance()).build();

  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  @TempDir private Path directory = Path.of("");

  private final ArrayList<AutoCloseable> opened = new ArrayList<>();
  private Path socket = Path.of("");

  /** What the agent does with one connection. */
  @FunctionalInterface
  private interface Script {
    void run(SocketChannel client, FrameChannel frames) throws IOException, InterruptedException;
  }

  @BeforeEach
  void choosePath() {
    socket = directory.resolve("agent.sock");
  }

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable resource : opened) {
      resource.close();
    }
  }

  @Test
  void returnsTheAnswer() {
    agent((client, frames) -> {
      assertThat(frames.read(Request.parser())).contains(VERSION);
      frames.write(version("1.2.3"));
      frames.write(end());
    });
    assertThat(call().getVersion().getVersion()).isEqualTo("1.2.3");
  }

  @Test
  void handsOnAnswersUntilTheEnd() {
    agent((client, frames) -> {
      for (int i = 0; i < 1000; i++) {
        frames.write(version("v" + i));
      }
      frames.write(end());
      frames.write(version("after the end"));
    });
    var seen = new ArrayList<String>();
    try (var client = AgentClient.connect(socket, TIMEOUT)) {
      client.stream(VERSION, response -> seen.add(response.getVersion().getVersion()));
    }
    assertThat(seen).hasSize(1000).startsWith("v0").endsWith("v999");
  }

  @Test
  void takesAnswersInSmallPieces() {
    agent((client, frames) -> {
      byte[] body = version("1.2.3").toByteArray();
      var all = ByteBuffer.allocate(8 + body.length);
      all.putInt(body.length).put(body).putInt(2).flip();
      while (all.hasRemaining()) {
        client.write(all.slice(all.position(), 1));
        all.position(all.position() + 1);
        Thread.sleep(1);
      }
      client.write(ByteBuffer.wrap(new byte[] {0x0a, 0}));
    });
    assertThat(call().getVersion().getVersion()).isEqualTo("1.2.3");
  }

  @Test
  void repeatsTheAgentsSentence() {
    agent((client, frames) ->
        frames.write(
            Response.newBuilder()
                .setError(
                    Error.newBuilder()
                        .setKind(Error.Kind.NOT_FOUND)
                        .setMessage("there is no endpoint 7"))
                .build()));
    fails(Kind.NOT_FOUND, "there is no endpoint 7");
  }

  @Test
  void saysThatNoSocketIsThere() {
    fails(Kind.NOT_RUNNING, "agent not running: no socket at " + socket);
  }

  @Test
  void saysThatNobodyListens() throws IOException {
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
    }
    assertThat(Files.exists(socket)).isTrue();
    fails(Kind.NOT_RUNNING, "agent not running: nobody listens at " + socket);
  }

  @Test
  void saysThatTheAgentVanishedBeforeItsAnswer() {
    agent((client, frames) -> frames.read(Request.parser()));
    fails(Kind.GONE, "agent at " + socket + " went away before its answer was complete");
  }

  @Test
  void doesNotTakeATruncatedAnswerForAWholeOne() {
    agent((client, frames) -> {
      frames.write(version("1.2.3"));
      client.write(ByteBuffer.allocate(4 + 3).putInt(0, 100));
    });
    fails(Kind.GONE, "agent at " + socket + " went away before its answer was complete");
  }

  @Test
  void refusesAnOversizeFrame() {
    agent((client, frames) -> client.write(ByteBuffer.allocate(4).putInt(0, -1)));
    fails(
        Kind.PROTOCOL,
        "agent at %s sent a frame of 4294967295 bytes, more than the 4194304 allowed"
            .formatted(socket));
  }

  @Test
  void refusesBytesThatAreNoMessage() {
    agent((client, frames) -> {
      frames.read(Request.parser());
      client.write(ByteBuffer.wrap(new byte[] {0, 0, 0, 2, (byte) 0xff, (byte) 0xff}));
      frames.read(Request.parser());
    });
    assertThatThrownBy(this::call)
        .isInstanceOf(AgentException.class)
        .hasMessageStartingWith("agent at " + socket + " sent a frame that is no message");
  }

  @Test
  void doesNotWaitForEverForASilentAgent() {
    agent((client, frames) -> Thread.sleep(Duration.ofSeconds(20)));
    assertThatThrownBy(
            () -> {
              try (var client = AgentClient.connect(socket, Duration.ofSeconds(1))) {
                client.call(VERSION);
              }
            })
        .isInstanceOf(AgentException.class)
        .hasMessage("agent at " + socket + " did not answer within 1 s");
  }

  @Test
  void waitsForEverForWhatIsFollowed() {
    agent((client, frames) -> {
      Thread.sleep(1500);
      frames.write(version("late"));
      frames.write(end());
    });
    var seen = new ArrayList<String>();
    try (var client = AgentClient.connect(socket, Duration.ofSeconds(1))) {
      client.follow(VERSION, response -> seen.add(response.getVersion().getVersion()));
    }
    assertThat(seen).containsExactly("late");
  }

  @Test
  void saysThatAnAnswerOfAnUnknownKindIsOfANewerAgent() {
    agent((client, frames) -> {
      frames.write(Response.getDefaultInstance());
      frames.write(end());
    });
    fails(
        Kind.PROTOCOL,
        "agent at " + socket + " is newer than this client and answered something else");
  }

  private void fails(Kind kind, String message) {
    assertThatThrownBy(this::call)
        .isInstanceOfSatisfying(AgentException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessage(message);
  }

  private Response call() {
    try (var client = AgentClient.connect(socket, TIMEOUT)) {
      return client.call(VERSION);
    }
  }

  private void agent(Script script) {
    try {
      var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      opened.add(server);
      server.bind(UnixDomainSocketAddress.of(socket));
      Thread.ofVirtual()
          .start(() -> {
            try (var client = server.accept()) {
              script.run(
                  client,
                  new FrameChannel(client, FrameChannel.MAX_REQUEST, FrameChannel.MAX_RESPONSE));
            } catch (IOException | InterruptedException e) {
              // The client's side of the story is what the test looks at.
            }
          });
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Response version(String text) {
    return Response.newBuilder().setVersion(Version.newBuilder().setVersion(text)).build();
  }

  private static Response end() {
    return Response.newBuilder().setEnd(End.getDefaultInstance()).build();
  }
}
