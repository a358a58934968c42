// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.etcd;

import io.jilium.core.source.Backoff;
import io.jilium.source.etcd.WatchStream.Broken;
import io.jilium.source.etcd.WatchStream.Change;
import io.jilium.source.etcd.WatchStream.Changes;
import io.jilium.source.etcd.WatchStream.Compacted;
import io.jilium.source.etcd.WatchStream.Opened;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows all keys with a prefix for as long as it runs: lists once, then watches; after a lost
 * connection it resumes where it was; when etcd has compacted that revision, or lost it, it lists
 * anew and reports the difference. A key is reported gone only by a watch or after a complete list.
 */
public final class KeyWatcher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KeyWatcher.class);
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  /** Who is told. All calls come from the watcher's own thread. */
  public interface Follower {
    /**
     * A key is new or changed; false means that it does not concern the follower, who then never
     * hears of it again.
     */
    boolean changed(KeyValue entry);

    /** A key that concerned the follower is gone. */
    void gone(String key);

    /** The first list is complete. */
    void synced();
  }

  private final Etcd etcd;
  private final String prefix;
  private final Follower follower;
  private final Thread thread;

  /** Revisions by key, of the keys that concern the follower. */
  private final Map<String, Long> known = new HashMap<>();

  private long revision;
  private boolean synced;
  private volatile boolean doubted;
  private volatile boolean closed;

  private KeyWatcher(Etcd etcd, String prefix, Follower follower) {
    this.etcd = etcd;
    this.prefix = prefix;
    this.follower = follower;
    this.thread = Thread.ofVirtual().name("etcd-watch " + prefix).unstarted(this::run);
  }

  /** Starts following. */
  public static KeyWatcher start(Etcd etcd, String prefix, Follower follower) {
    var watcher = new KeyWatcher(etcd, prefix, follower);
    watcher.thread.start();
    return watcher;
  }

  /**
   * Lists anew soon: somebody saw that etcd is not the one that it was. A store that was wiped and
   * filled again may have passed the revision that is known here, and then nothing else tells.
   */
  void doubt() {
    doubted = true;
  }

  private void run() {
    var backoff = new Backoff();
    while (!closed) {
      try {
        if (doubted) {
          doubted = false;
          revision = 0;
        }
        if (revision == 0) {
          list();
        }
        watch(backoff);
      } catch (InterruptedException _) {
        return;
      } catch (EtcdException e) {
        LOG.debug("watch {}: {}", prefix, e.getMessage());
      } catch (RuntimeException e) {
        LOG.error("watch {}: listing anew", prefix, e);
        revision = 0;
      }
      try {
        if (!closed) {
          Thread.sleep(backoff.next());
        }
      } catch (InterruptedException _) {
        return;
      }
    }
  }

  private void list() {
    Listing listing = etcd.list(prefix);
    Set<String> vanished = new HashSet<>(known.keySet());
    for (KeyValue entry : listing.entries()) {
      vanished.remove(entry.key());
      Long before = known.get(entry.key());
      if (before == null || before != entry.modRevision()) {
        changed(entry);
      }
    }
    vanished.forEach(this::gone);
    revision = listing.revision();
    if (!synced) {
      synced = true;
      follower.synced();
    }
  }

  /** Returns when the watch broke; the revision tells how far it came. */
  private void watch(Backoff backoff) throws InterruptedException {
    try (WatchStream stream = etcd.watch(prefix, true, revision + 1)) {
      while (!closed && !doubted) {
        switch (stream.next(PATIENCE).orElse(NOTHING)) {
          case Opened(long current) -> {
            backoff.reset();
            if (current < revision) {
              LOG.warn(
                  "etcd went back from revision {} to {}: listing {} anew",
                  revision,
                  current,
                  prefix);
              revision = 0;
              return;
            }
          }
          case Changes(List<Change> changes, long current) -> {
            changes.forEach(this::apply);
            revision =
                Math.max(
                    revision,
                    changes.isEmpty() ? current : changes.getLast().entry().modRevision());
          }
          case Compacted() -> {
            LOG.info("etcd has compacted revision {}: listing {} anew", revision, prefix);
            revision = 0;
            return;
          }
          case Broken(String error) -> {
            LOG.debug("watch {}: {}", prefix, error);
            return;
          }
        }
      }
    }
  }

  private static final WatchStream.Message NOTHING = new Changes(List.of(), 0);

  private void apply(Change change) {
    if (change.deleted()) {
      gone(change.entry().key());
    } else {
      changed(change.entry());
    }
  }

  private void changed(KeyValue entry) {
    if (follower.changed(entry)) {
      known.put(entry.key(), entry.modRevision());
    } else if (known.remove(entry.key()) != null) {
      follower.gone(entry.key());
    }
  }

  private void gone(String key) {
    if (known.remove(key) != null) {
      follower.gone(key);
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
