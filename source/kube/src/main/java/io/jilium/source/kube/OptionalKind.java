// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the definition of a kind that somebody else may install at any time, and the kind's
 * objects as long as it is there. While it is not, there are none, and that is all of them.
 */
final class OptionalKind implements ResourceWatcher.Follower {
  private static final Logger LOG = LoggerFactory.getLogger(OptionalKind.class);

  private final Resource kind;
  private final ResourceWatcher.Follower objects;
  private final Function<ResourceWatcher.Follower, ResourceWatcher> follow;
  private final Consumer<ResourceWatcher> unfollow;
  private final AtomicBoolean synced = new AtomicBoolean();
  private Optional<Following> following = Optional.empty();

  /** A watcher of the objects, and who it tells. */
  private record Following(ResourceWatcher watcher, Objects told) {}

  /**
   * @param objects who is told of the objects
   * @param follow starts a watcher of them; unfollow ends it
   */
  OptionalKind(
      Resource kind,
      ResourceWatcher.Follower objects,
      Function<ResourceWatcher.Follower, ResourceWatcher> follow,
      Consumer<ResourceWatcher> unfollow) {
    this.kind = kind;
    this.objects = objects;
    this.follow = follow;
    this.unfollow = unfollow;
  }

  @Override
  public void changed(JsonNode definition) {
    if (!serves(definition)) {
      stop();
    } else if (following.isEmpty()) {
      LOG.info("{} {} are followed", kind.fullName(), kind.version());
      var told = new Objects();
      following = Optional.of(new Following(follow.apply(told), told));
    }
  }

  /** A kind is served some moments after its definition came. */
  private boolean serves(JsonNode definition) {
    boolean established = false;
    for (var condition : definition.path("status").path("conditions")) {
      established |=
          Json.text(condition, "type").equals("Established")
              && Json.text(condition, "status").equals("True");
    }
    for (var version : definition.path("spec").path("versions")) {
      if (Json.text(version, "name").equals(kind.version())) {
        return established && version.path("served").asBoolean(false);
      }
    }
    LOG.warn("{} has no version {}: its objects are not followed", kind.fullName(), kind.version());
    return false;
  }

  @Override
  public void gone(String key) {
    stop();
  }

  private void stop() {
    following.ifPresent(ended -> {
      unfollow.accept(ended.watcher());
      ended.told().end();
    });
    following = Optional.empty();
  }

  @Override
  public void synced() {
    if (following.isEmpty()) {
      allTold();
    }
  }

  private void allTold() {
    if (!synced.getAndSet(true)) {
      objects.synced();
    }
  }

  /** Knows what goes when the kind goes: its watcher may not have heard the last of it. */
  private final class Objects implements ResourceWatcher.Follower {
    private final Set<String> keys = new HashSet<>();
    private boolean ended;

    @Override
    public synchronized void changed(JsonNode object) {
      if (!ended) {
        objects.changed(object);
        keys.add(ResourceWatcher.key(object));
      }
    }

    @Override
    public synchronized void gone(String key) {
      if (keys.remove(key)) {
        objects.gone(key);
      }
    }

    @Override
    public void synced() {
      allTold();
    }

    synchronized void end() {
      ended = true;
      keys.forEach(objects::gone);
      keys.clear();
    }
  }
}
