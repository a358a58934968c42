// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.service;

import io.jilium.linux.netlink.SocketDiagnosis;
import io.jilium.linux.sys.LinuxException;
import io.jilium.linux.sys.Netns;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Aborts connected UDP sockets of the node and of its pods: their owners get ECONNABORTED and
 * connect anew. Sockets are looked for in one network namespace after the other, which takes about
 * a millisecond each, on a thread of its own; what is asked for meanwhile goes into the next round.
 */
final class SocketAborts implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SocketAborts.class);

  private final Supplier<Collection<Path>> namespaces;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().name("socket-aborts").daemon().factory());
  private final Set<Long> pending = new HashSet<>();

  /**
   * @param namespaces of the pods; the one of the node itself is this process's
   */
  SocketAborts(Supplier<Collection<Path>> namespaces) {
    this.namespaces = namespaces;
  }

  /** Aborts those of the sockets that are connected, soon. */
  void abort(Collection<Long> cookies) {
    synchronized (pending) {
      boolean busy = !pending.isEmpty();
      pending.addAll(cookies);
      if (busy || pending.isEmpty()) {
        return;
      }
    }
    thread.execute(this::round);
  }

  private void round() {
    Set<Long> cookies;
    synchronized (pending) {
      cookies = new HashSet<>(pending);
      pending.clear();
    }
    int aborted = 0;
    try (var node = SocketDiagnosis.open()) {
      aborted += abort(node, cookies);
    } catch (RuntimeException e) {
      LOG.warn("UDP sockets of the node are not cut: {}", e.getMessage());
    }
    for (var path : namespaces.get()) {
      if (cookies.isEmpty()) {
        break;
      }
      aborted += abort(path, cookies);
    }
    if (aborted > 0) {
      LOG.info("{} UDP sockets cut: what they were connected to serves no more", aborted);
    }
  }

  private static int abort(Path path, Set<Long> cookies) {
    try (var netns = Netns.open(path);
        var diagnosis = SocketDiagnosis.open(netns)) {
      return abort(diagnosis, cookies);
    } catch (LinuxException e) {
      // The pod may be gone by now, and its sockets with it.
      LOG.debug("UDP sockets in {} are not cut: {}", path, e.getMessage());
      return 0;
    }
  }

  private static int abort(SocketDiagnosis diagnosis, Set<Long> cookies) {
    int aborted = 0;
    for (var socket : diagnosis.connectedUdp()) {
      if (cookies.remove(socket.cookie()) && diagnosis.abort(socket)) {
        aborted++;
      }
    }
    return aborted;
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
