// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import io.jilium.core.source.Backoff;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows all objects of a kind, or those that a selector chooses, for as long as it runs: lists
 * once, then watches; a watch that ended resumes where it was; when the server has forgotten that
 * version, or never had it, it lists anew and reports the difference. An object is reported gone
 * only by a watch or after a complete list.
 */
public final class ResourceWatcher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ResourceWatcher.class);

  /** Servers end a watch after this time by themselves; spread, so that not all do at once. */
  private static final int SHORTEST_WATCH_SECONDS = 240;

  /** Bookmarks come every minute: a stream without them has lost its far end. */
  private static final Duration SILENCE = Duration.ofSeconds(150);

  private static final Duration LIST_SILENCE = Duration.ofSeconds(30);

  /** Who is told. All calls come from the watcher's own thread. */
  public interface Follower {
    /** An object is new or changed. */
    void changed(JsonNode object);

    /** An object of that key ({@code namespace/name} or {@code name}) is gone. */
    void gone(String key);

    /** The first list is complete. */
    void synced();
  }

  /**
   * What is followed.
   *
   * @param selector {@code fieldSelector=…} or {@code labelSelector=…}, encoded; empty for all
   */
  public record Subject(Resource resource, String selector) {
    /** Every object of the kind. */
    public static Subject all(Resource resource) {
      return new Subject(resource, "");
    }

    static Subject field(Resource resource, String field, String value) {
      return new Subject(resource, "fieldSelector=" + Resource.encode(field + "=" + value));
    }

    String path(String query) {
      return resource.path() + "?" + query + (selector.isEmpty() ? "" : "&" + selector);
    }
  }

  private final KubeApi api;
  private final Subject subject;
  private final Follower follower;
  private final Troubles troubles;
  private final Thread thread;

  /** Versions by key, of the objects that exist. */
  private final Map<String, String> known = new HashMap<>();

  private String version = "";
  private boolean synced;
  private boolean broken;
  private volatile boolean doubted;
  private volatile Optional<KubeApi.Stream> current = Optional.empty();
  private volatile boolean closed;

  private ResourceWatcher(KubeApi api, Subject subject, Follower follower, Troubles troubles) {
    this.api = api;
    this.subject = subject;
    this.follower = follower;
    this.troubles = troubles;
    this.thread =
        Thread.ofPlatform()
            .daemon()
            .name("kube-watch " + subject.resource().name())
            .unstarted(this::run);
  }

  /** Starts following. */
  public static ResourceWatcher start(
      KubeApi api, Subject subject, Follower follower, Troubles troubles) {
    var watcher = new ResourceWatcher(api, subject, follower, troubles);
    watcher.thread.start();
    return watcher;
  }

  /** Lists anew soon: somebody saw that the server's data are not those that they were. */
  void doubt() {
    doubted = true;
  }

  /**
   * The server was away: a watch of before may hang on a connection whose far end is gone. It
   * resumes on another one.
   */
  void reconnect() {
    current.ifPresent(KubeApi.Stream::cut);
  }

  private void run() {
    var backoff = new Backoff();
    while (!closed) {
      Duration least = Duration.ZERO;
      try {
        if (version.isEmpty() || doubted || wentBack()) {
          doubted = false;
          list();
        }
        troubles.none(subject.resource(), "list");
        watch(backoff);
        troubles.none(subject.resource(), "watch");
      } catch (KubeException e) {
        least = e.retryAfter().orElse(Duration.ZERO);
        failed(e);
      } catch (IOException e) {
        broken = true;
        LOG.debug("watch {}: {}", subject, e.getMessage());
      } catch (RuntimeException e) {
        LOG.error("watch {}: listing anew", subject.resource().fullName(), e);
        version = "";
      }
      if (closed || !pause(backoff.next(), least)) {
        return;
      }
    }
  }

  private static boolean pause(Duration backoff, Duration least) {
    try {
      Thread.sleep(backoff.compareTo(least) > 0 ? backoff : least);
      return true;
    } catch (InterruptedException _) {
      return false;
    }
  }

  private void failed(KubeException e) {
    if (e.isVersionLost()) {
      LOG.info("{}: version {} is lost, listing anew", subject.resource().fullName(), version);
      version = "";
    } else if (e.isAway() || e.isTooMany()) {
      broken |= e.isAway();
      LOG.debug("watch {}: {}", subject, e.getMessage());
    } else {
      troubles.seen(subject.resource(), version.isEmpty() ? "list" : "watch", e);
      if (e.isNotFound()) {
        version = ""; // the kind may come back with other objects
      }
    }
  }

  /**
   * A server whose data were put back to an earlier state would leave a watch from the known
   * version silent until it is reached again. Asked after lost connections only.
   */
  private boolean wentBack() {
    if (!broken) {
      return false;
    }
    var current =
        api.get(subject.path("limit=1")).path("metadata").path("resourceVersion").asText("");
    broken = false;
    if (number(current) < number(version)) {
      LOG.warn(
          "the API server went back from version {} to {}: listing {} anew",
          version,
          current,
          subject.resource().fullName());
      return true;
    }
    return false;
  }

  private static long number(String version) {
    try {
      return Long.parseLong(version);
    } catch (NumberFormatException _) {
      return 0;
    }
  }

  /** The first list may come from the server's memory; later ones must not go back in time. */
  private void list() throws IOException {
    Set<String> vanished = new HashSet<>(known.keySet());
    var query = known.isEmpty() && !synced ? "resourceVersion=0" : "resourceVersion=";
    String listed;
    try (var stream = api.stream(subject.path(query), LIST_SILENCE)) {
      listed =
          ObjectList.read(
              stream.body(),
              object -> {
                vanished.remove(key(object));
                changed(object);
              });
    }
    vanished.forEach(this::gone);
    version = listed;
    broken = false;
    if (!synced) {
      synced = true;
      follower.synced();
    }
  }

  /** Returns when the server ended the watch; the version tells how far it came. */
  private void watch(Backoff backoff) throws IOException {
    int seconds =
        SHORTEST_WATCH_SECONDS + ThreadLocalRandom.current().nextInt(SHORTEST_WATCH_SECONDS);
    var path =
        subject.path(
            "watch=true&allowWatchBookmarks=true&timeoutSeconds="
                + seconds
                + "&resourceVersion="
                + version);
    try (var stream = api.stream(path, SILENCE);
        MappingIterator<JsonNode> events =
            KubeApi.JSON.readerFor(JsonNode.class).readValues(stream.body())) {
      current = Optional.of(stream);
      backoff.reset();
      while (!closed && !doubted && events.hasNextValue()) {
        apply(events.nextValue());
      }
    }
  }

  private void apply(JsonNode event) {
    var object = event.path("object");
    switch (event.path("type").asText()) {
      case "ADDED", "MODIFIED" -> changed(object);
      case "DELETED" -> gone(key(object));
      case "BOOKMARK" -> {
        // Its version is all that it says.
      }
      case "ERROR" ->
          throw KubeException.refused(
              "watch " + subject.resource().fullName(), object.path("code").asInt(), object);
      default -> LOG.debug("watch {}: {} is not known", subject, event.path("type"));
    }
    var now = object.path("metadata").path("resourceVersion").asText("");
    if (!now.isEmpty()) {
      version = now;
    }
  }

  private void changed(JsonNode object) {
    var now = object.path("metadata").path("resourceVersion").asText("");
    if (now.equals(known.put(key(object), now)) && !now.isEmpty()) {
      return;
    }
    try {
      follower.changed(object);
    } catch (RuntimeException e) {
      LOG.warn("{} {} is skipped: {}", subject.resource().kind(), key(object), e.getMessage());
    }
  }

  private void gone(String key) {
    if (known.remove(key) != null) {
      follower.gone(key);
    }
  }

  /** {@code namespace/name}, or the name of what has no namespace. */
  public static String key(JsonNode object) {
    var metadata = object.path("metadata");
    var namespace = metadata.path("namespace").asText("");
    var name = metadata.path("name").asText("");
    return namespace.isEmpty() ? name : namespace + "/" + name;
  }

  @Override
  public void close() {
    closed = true;
    reconnect();
    thread.interrupt();
  }
}
