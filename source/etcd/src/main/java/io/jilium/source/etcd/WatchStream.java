// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.etcd;

import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * One watch in progress. It ends with {@link Broken} or {@link Compacted}; whoever reads it opens
 * the next.
 */
final class WatchStream implements AutoCloseable {
  /** What the watch says. */
  sealed interface Message {}

  /** The watch stands. */
  record Opened(long revision) implements Message {}

  /** Changes, in order. */
  record Changes(List<Change> changes, long revision) implements Message {}

  /** The revision asked for is gone; only a new list helps. */
  record Compacted() implements Message {}

  /** The connection is lost, or the server refused. */
  record Broken(String error) implements Message {}

  /** One changed or deleted key; of a deleted one the value is empty. */
  record Change(KeyValue entry, boolean deleted) {}

  private final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
  private final Context.CancellableContext context = Context.ROOT.withCancellation();

  WatchStream(WatchGrpc.WatchStub stub, String key, boolean prefix, long fromRevision) {
    var create =
        WatchCreateRequest.newBuilder()
            .setKey(Keyspace.bytes(key))
            .setStartRevision(fromRevision)
            .setProgressNotify(true);
    if (prefix) {
      create.setRangeEnd(Keyspace.endOf(key));
    }
    context.run(() ->
        stub.watch(new Responses())
            .onNext(WatchRequest.newBuilder().setCreateRequest(create).build()));
  }

  /** The next message, or nothing when none came in time. */
  Optional<Message> next(Duration patience) throws InterruptedException {
    return Optional.ofNullable(messages.poll(patience.toMillis(), TimeUnit.MILLISECONDS));
  }

  @Override
  public void close() {
    context.cancel(null);
  }

  private final class Responses implements StreamObserver<WatchResponse> {
    @Override
    public void onNext(WatchResponse response) {
      long revision = response.getHeader().getRevision();
      if (response.getCompactRevision() > 0) {
        messages.add(new Compacted());
      } else if (response.getCanceled()) {
        messages.add(new Broken(response.getCancelReason()));
      } else if (response.getCreated()) {
        messages.add(new Opened(revision));
      } else {
        messages.add(
            new Changes(response.getEventsList().stream().map(this::change).toList(), revision));
      }
    }

    private Change change(Event event) {
      return new Change(
          Keyspace.keyValue(event.getKv()), event.getType() == Event.EventType.DELETE);
    }

    @Override
    public void onError(Throwable error) {
      messages.add(new Broken(Etcd.reason(Status.fromThrowable(error))));
    }

    @Override
    public void onCompleted() {
      messages.add(new Broken("the server ended the watch"));
    }
  }
}
