// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.etcd;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jilium.core.model.ClusterEvent.PodCidrsAssigned;
import io.jilium.core.model.IpPrefix;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The CiliumNodes of the cluster as the operator reads and writes them. */
public final class CiliumNodes {
  private static final Logger LOG = LoggerFactory.getLogger(CiliumNodes.class);

  /** Something about the nodes. */
  public sealed interface Event {
    /** A CiliumNode is new or changed. */
    record Changed(CiliumNodeState node) implements Event {}

    /** A CiliumNode is gone. */
    record Gone(String name) implements Event {}

    /** An agent holds its node's leased key. */
    record Alive(String name) implements Event {}

    /** No agent holds the node's leased key. */
    record Silent(String name) implements Event {}

    /** All CiliumNodes that existed at the start were told. */
    record NodesSynced() implements Event {}

    /** All leased keys that existed at the start were told. */
    record AliveSynced() implements Event {}
  }

  private final Etcd etcd;

  /** On a connection that somebody else closes. */
  public CiliumNodes(Etcd etcd) {
    this.etcd = etcd;
  }

  /** Follows the CiliumNodes; events come on a thread of the watcher. */
  public KeyWatcher followNodes(Consumer<Event> events) {
    return KeyWatcher.start(
        etcd,
        Layout.CILIUM_NODES,
        new KeyWatcher.Follower() {
          @Override
          public boolean changed(KeyValue entry) {
            try {
              events.accept(new Event.Changed(state(entry)));
              return true;
            } catch (IllegalArgumentException e) {
              LOG.warn("etcd key {} is skipped: {}", entry.key(), e.getMessage());
              return false;
            }
          }

          @Override
          public void gone(String key) {
            events.accept(new Event.Gone(Layout.lastPart(key)));
          }

          @Override
          public void synced() {
            events.accept(new Event.NodesSynced());
          }
        });
  }

  /**
   * Follows which nodes have an agent; events come on another thread than those of {@link
   * #followNodes}.
   */
  public KeyWatcher followAlive(String cluster, Consumer<Event> events) {
    return KeyWatcher.start(
        etcd,
        Layout.NODES + cluster + "/",
        new KeyWatcher.Follower() {
          @Override
          public boolean changed(KeyValue entry) {
            events.accept(new Event.Alive(Layout.lastPart(entry.key())));
            return true;
          }

          @Override
          public void gone(String key) {
            events.accept(new Event.Silent(Layout.lastPart(key)));
          }

          @Override
          public void synced() {
            events.accept(new Event.AliveSynced());
          }
        });
  }

  private static CiliumNodeState state(KeyValue entry) {
    PodCidrsAssigned assigned = ResourceJson.assignedByCilium(entry.value());
    return new CiliumNodeState(
        Layout.lastPart(entry.key()), assigned.podCidrs(), assigned.error(), entry.modRevision());
  }

  /**
   * Writes CIDRs and error; false when the CiliumNode changed since that state, or the condition
   * does not hold.
   */
  public boolean assign(
      CiliumNodeState node, List<IpPrefix> podCidrs, String error, Condition condition) {
    String key = Layout.CILIUM_NODES + node.name();
    Optional<KeyValue> current = etcd.get(key).filter(kv -> kv.modRevision() == node.revision());
    if (current.isEmpty()) {
      return false;
    }
    ObjectNode json = Json.parse(current.get().value());
    json.withObject("spec").withObject("ipam").set("podCIDRs", Json.array(podCidrs));
    ObjectNode status = json.withObject("status").withObject("ipam").withObject("operator-status");
    if (error.isEmpty()) {
      status.remove("error");
    } else {
      status.put("error", error);
    }
    return etcd.commit(
        List.of(condition, new Condition.UnchangedSince(key, node.revision())),
        List.of(new Write.Put(key, Json.write(json), 0)));
  }

  /** Removes the CiliumNode of a node that is gone, unless its agent is back. */
  public boolean remove(CiliumNodeState node, String cluster, Condition condition) {
    String key = Layout.CILIUM_NODES + node.name();
    return etcd.commit(
        List.of(
            condition,
            new Condition.UnchangedSince(key, node.revision()),
            new Condition.Absent(Layout.node(cluster, node.name()))),
        List.of(new Write.Delete(key)));
  }
}
