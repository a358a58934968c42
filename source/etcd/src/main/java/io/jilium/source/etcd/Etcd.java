// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.etcd;

import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.LeaseKeepAliveResponse;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.StatusRequest;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.WatchGrpc;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * A connection to etcd. Calls block for at most {@link #PATIENCE}; several endpoints are tried in
 * turn, one after each failure. One thread and no pooled buffers: an agent sends little.
 */
public final class Etcd implements AutoCloseable {
  /** No request waits longer. */
  public static final Duration PATIENCE = Duration.ofSeconds(4);

  /** etcd refuses transactions of more than 128 writes. */
  public static final int MOST_WRITES = 100;

  private static final int PAGE = 500;
  private static final int MOST_BYTES = 64 << 20;

  private final String endpoints;
  private final NioEventLoopGroup loop =
      new NioEventLoopGroup(1, new DefaultThreadFactory("etcd-io", true));
  private final ExecutorService callbacks =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("etcd-call-", 0).factory());
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final AtomicInteger current = new AtomicInteger();

  private Etcd(String endpoints) {
    this.endpoints = endpoints;
    Arrays.stream(endpoints.split(","))
        .map(String::strip)
        .forEach(text -> channels.add(channel(text)));
  }

  /**
   * Prepares the connection; nothing is sent yet.
   *
   * @param endpoints {@code http://host:port}, several with commas
   */
  public static Etcd connect(String endpoints) {
    return new Etcd(endpoints);
  }

  private ManagedChannel channel(String endpoint) {
    URI uri;
    try {
      uri = URI.create(endpoint);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "etcd endpoint \"" + endpoint + "\" is not http://HOST:PORT", e);
    }
    if ("https".equals(uri.getScheme())) {
      throw new IllegalArgumentException(
          "etcd endpoint \"" + endpoint + "\": TLS is not built yet");
    }
    if (!"http".equals(uri.getScheme()) || uri.getHost() == null) {
      throw new IllegalArgumentException(
          "etcd endpoint \"" + endpoint + "\" is not http://HOST:PORT");
    }
    String host = uri.getHost().replace("[", "").replace("]", "");
    return NettyChannelBuilder.forAddress(
            new InetSocketAddress(host, uri.getPort() < 0 ? 2379 : uri.getPort()))
        .usePlaintext()
        .eventLoopGroup(loop)
        .channelType(NioSocketChannel.class)
        .withOption(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT)
        .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, 2000)
        .executor(callbacks)
        .offloadExecutor(callbacks)
        .keepAliveTime(10, TimeUnit.SECONDS)
        .keepAliveTimeout(4, TimeUnit.SECONDS)
        .maxInboundMessageSize(MOST_BYTES)
        .disableRetry()
        .build();
  }

  /** As given to {@link #connect}. */
  public String endpoints() {
    return endpoints;
  }

  /** The server's version; tells that it answers and has a leader. */
  public String version() {
    return call(
        "ask for the status",
        () -> {
          var status =
              MaintenanceGrpc.newBlockingStub(ready())
                  .withDeadlineAfter(PATIENCE)
                  .status(StatusRequest.getDefaultInstance());
          if (status.getLeader() == 0) {
            throw Status.UNAVAILABLE.withDescription("there is no leader").asRuntimeException();
          }
          return status.getVersion();
        });
  }

  /** Reads one key. */
  public Optional<KeyValue> get(String key) {
    return call(
        "read " + key,
        () -> {
          RangeResponse answer =
              kv().range(RangeRequest.newBuilder().setKey(Keyspace.bytes(key)).build());
          return answer.getKvsCount() == 0
              ? Optional.<KeyValue>empty()
              : Optional.of(Keyspace.keyValue(answer.getKvs(0)));
        });
  }

  /** Reads all keys with the prefix as they were at one moment. */
  public Listing list(String prefix) {
    return call(
        "list " + prefix,
        () -> {
          List<KeyValue> all = new ArrayList<>();
          var request =
              RangeRequest.newBuilder()
                  .setKey(Keyspace.bytes(prefix))
                  .setRangeEnd(Keyspace.endOf(prefix))
                  .setLimit(PAGE);
          while (true) {
            RangeResponse page = kv().range(request.build());
            page.getKvsList().forEach(entry -> all.add(Keyspace.keyValue(entry)));
            if (request.getRevision() == 0) {
              request.setRevision(page.getHeader().getRevision());
            }
            if (!page.getMore()) {
              return new Listing(request.getRevision(), all);
            }
            String last = all.getLast().key();
            request.setKey(Keyspace.bytes(last + "\0"));
          }
        });
  }

  /** Sets a key; lease 0 means for ever. */
  public void put(String key, String value, long lease) {
    commit(List.of(), List.of(new Write.Put(key, value, lease)));
  }

  /** Removes a key; false when it was not there. */
  public boolean delete(String key) {
    return call(
        "delete " + key,
        () ->
            kv().deleteRange(DeleteRangeRequest.newBuilder().setKey(Keyspace.bytes(key)).build())
                    .getDeleted()
                > 0);
  }

  /**
   * Carries out all writes if all conditions hold, else none; at most {@link #MOST_WRITES} writes.
   */
  public boolean commit(List<Condition> conditions, List<Write> writes) {
    var request = TxnRequest.newBuilder();
    conditions.forEach(condition -> request.addCompare(Keyspace.compare(condition)));
    writes.forEach(write -> request.addSuccess(Keyspace.request(write)));
    String object =
        writes.isEmpty()
            ? "nothing"
            : name(writes.getFirst()) + (writes.size() > 1 ? " and more" : "");
    return call("write " + object, () -> kv().txn(request.build()).getSucceeded());
  }

  private static String name(Write write) {
    return switch (write) {
      case Write.Put put -> put.key();
      case Write.Delete delete -> delete.key();
    };
  }

  /** Makes a lease; what is bound to it vanishes when it is not kept alive for that long. */
  public long grant(Duration ttl) {
    return call(
        "grant a lease",
        () ->
            LeaseGrpc.newBlockingStub(ready())
                .withDeadlineAfter(PATIENCE)
                .leaseGrant(
                    LeaseGrantRequest.newBuilder().setTTL(Math.max(1, ttl.toSeconds())).build())
                .getID());
  }

  /** Keeps a lease alive once; false when it has run out. */
  public boolean keepAlive(long lease) {
    return call("keep lease " + Long.toHexString(lease) + " alive", () -> keepAliveOnce(lease) > 0);
  }

  private long keepAliveOnce(long lease) {
    var answer = new CompletableFuture<Long>();
    var requests =
        LeaseGrpc.newStub(ready())
            .withDeadlineAfter(PATIENCE)
            .leaseKeepAlive(
                new StreamObserver<LeaseKeepAliveResponse>() {
                  @Override
                  public void onNext(LeaseKeepAliveResponse response) {
                    answer.complete(response.getTTL());
                  }

                  @Override
                  public void onError(Throwable error) {
                    answer.completeExceptionally(error);
                  }

                  @Override
                  public void onCompleted() {
                    answer.completeExceptionally(Status.UNAVAILABLE.asRuntimeException());
                  }
                });
    requests.onNext(LeaseKeepAliveRequest.newBuilder().setID(lease).build());
    try {
      return answer.get(PATIENCE.toMillis() + 500, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw Status.fromThrowable(e.getCause()).asRuntimeException();
    } catch (TimeoutException _) {
      throw Status.DEADLINE_EXCEEDED.asRuntimeException();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Status.CANCELLED.withCause(e).asRuntimeException();
    } finally {
      requests.onCompleted();
    }
  }

  /** Ends a lease; what is bound to it vanishes. */
  public void revoke(long lease) {
    call(
        "revoke lease " + Long.toHexString(lease),
        () ->
            LeaseGrpc.newBlockingStub(ready())
                .withDeadlineAfter(PATIENCE)
                .leaseRevoke(LeaseRevokeRequest.newBuilder().setID(lease).build()));
  }

  /** Watches a key, or all keys with a prefix, from the revision on. */
  WatchStream watch(String key, boolean prefix, long fromRevision) {
    return new WatchStream(WatchGrpc.newStub(ready()), key, prefix, fromRevision);
  }

  private KVGrpc.KVBlockingStub kv() {
    return KVGrpc.newBlockingStub(ready()).withDeadlineAfter(PATIENCE);
  }

  /**
   * The channel in use; its own waiting times, up to two minutes, are cut short because callers
   * have theirs.
   */
  private ManagedChannel ready() {
    ManagedChannel channel = channels.get(Math.floorMod(current.get(), channels.size()));
    if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
      channel.resetConnectBackoff();
    }
    return channel;
  }

  private <T> T call(String operation, Supplier<T> request) {
    try {
      return request.get();
    } catch (StatusRuntimeException e) {
      Status status = e.getStatus();
      boolean away =
          switch (status.getCode()) {
            case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED, UNKNOWN, INTERNAL -> true;
            default -> false;
          };
      if (away) {
        current.incrementAndGet();
      }
      throw new EtcdException(operation + ": etcd " + endpoints + ": " + reason(status), away, e);
    }
  }

  /** What went wrong in a few words, the innermost cause first. */
  static String reason(Status status) {
    Throwable cause = status.getCause();
    String detail = status.getDescription();
    if (cause != null && cause.getMessage() != null) {
      return cause.getMessage();
    }
    return detail == null || status.getCode() == Status.Code.DEADLINE_EXCEEDED
        ? status.getCode() == Status.Code.DEADLINE_EXCEEDED
            ? "no answer in time"
            : status.getCode().name()
        : detail;
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    callbacks.close();
    var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
