// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import io.jilium.core.model.ClusterEvent;
import io.jilium.core.model.ClusterEvent.Topic;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.Labels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The objects of the cluster as last reported, kept in a file: one event a line, {@code
 * {"NodeChanged":{…}}}, appended as it comes, so that a killed agent's file knows what the kernel's
 * maps know. The file is written anew, without what is outdated, when it has grown.
 */
final class ClusterJournal {
  /** An object of the cluster: its kind, and what names it. */
  record Key(Topic topic, Object id) {}

  private static final Logger LOG = LoggerFactory.getLogger(ClusterJournal.class);
  private static final int SLACK_LINES = 1000;
  private static final ObjectMapper MAPPER = mapper();
  private static final Map<String, Class<?>> TYPES =
      Arrays.stream(ClusterEvent.class.getPermittedSubclasses())
          .collect(Collectors.toMap(Class::getSimpleName, type -> type));

  private final Path file;
  private final Map<Key, ClusterEvent> objects = new LinkedHashMap<>();
  private int lines;
  private boolean usable = true;

  private ClusterJournal(Path file) {
    this.file = file;
  }

  /** Reads the file; a missing one is empty, a line that cannot be read is left out. */
  static ClusterJournal open(Path file) {
    var journal = new ClusterJournal(file);
    boolean whole = Files.exists(file);
    if (Files.exists(file)) {
      try {
        for (var line : Files.readAllLines(file)) {
          journal.lines++;
          var event = read(line);
          event.ifPresent(journal::note);
          whole &= event.isPresent();
        }
      } catch (IOException e) {
        whole = false;
        LOG.warn("{} cannot be read, what it knew is not used: {}", file, e.getMessage());
      }
    }
    if (!whole || journal.isGrown()) {
      journal.rewrite();
    }
    return journal;
  }

  /** The object that an event is about; empty for events that are about none. */
  static Optional<Key> key(ClusterEvent event) {
    return Optional.ofNullable(
        switch (event) {
          case ClusterEvent.NodeChanged(var node) -> new Key(Topic.NODES, node.fullName());
          case ClusterEvent.NodeGone(var cluster, var name) ->
              new Key(Topic.NODES, cluster + "/" + name);
          case ClusterEvent.IdentityChanged(var identity) ->
              new Key(Topic.IDENTITIES, identity.id());
          case ClusterEvent.IdentityGone(var id) -> new Key(Topic.IDENTITIES, id);
          case ClusterEvent.AddressChanged(var mapping) ->
              new Key(Topic.ADDRESSES, mapping.address());
          case ClusterEvent.AddressGone(var address) -> new Key(Topic.ADDRESSES, address);
          case ClusterEvent.PodChanged(var pod) -> new Key(Topic.PODS, pod.id());
          case ClusterEvent.PodGone(var pod) -> new Key(Topic.PODS, pod);
          case ClusterEvent.NamespaceChanged(var namespace) ->
              new Key(Topic.NAMESPACES, namespace.name());
          case ClusterEvent.NamespaceGone(var name) -> new Key(Topic.NAMESPACES, name);
          // Of services and policies the kernel's tables are the memory until the store tells of
          // all again.
          case ClusterEvent.ServiceChanged _,
              ClusterEvent.ServiceGone _,
              ClusterEvent.EndpointSliceChanged _,
              ClusterEvent.EndpointSliceGone _,
              ClusterEvent.PolicyChanged _,
              ClusterEvent.PolicyGone _,
              ClusterEvent.OwnIdentityReplaced _,
              ClusterEvent.PodCidrsAssigned _,
              ClusterEvent.PoolsAssigned _,
              ClusterEvent.Synced _,
              ClusterEvent.ConnectivityChanged _ ->
              null;
        });
  }

  /** Says that the object of this event is gone. */
  static ClusterEvent gone(ClusterEvent changed) {
    return switch (changed) {
      case ClusterEvent.NodeChanged(var node) ->
          new ClusterEvent.NodeGone(node.cluster(), node.name());
      case ClusterEvent.IdentityChanged(var identity) ->
          new ClusterEvent.IdentityGone(identity.id());
      case ClusterEvent.AddressChanged(var mapping) ->
          new ClusterEvent.AddressGone(mapping.address());
      case ClusterEvent.PodChanged(var pod) -> new ClusterEvent.PodGone(pod.id());
      case ClusterEvent.NamespaceChanged(var namespace) ->
          new ClusterEvent.NamespaceGone(namespace.name());
      default -> throw new IllegalArgumentException(changed + " tells of no object");
    };
  }

  /** What is known: for each object the event that told it last. */
  Map<Key, ClusterEvent> objects() {
    return objects;
  }

  /** Takes note of what is about an object and new. A file that cannot be written is given up. */
  void append(List<ClusterEvent> events) {
    var news = events.stream().filter(this::note).toList();
    if (news.isEmpty() || !usable) {
      return;
    }
    lines += news.size();
    if (isGrown()) {
      rewrite();
    } else {
      write(file, news, StandardOpenOption.APPEND);
    }
  }

  private boolean isGrown() {
    return lines > 2 * objects.size() + SLACK_LINES;
  }

  /** Whether that was news of an object. */
  private boolean note(ClusterEvent event) {
    var key = key(event);
    if (key.isEmpty()) {
      return false;
    }
    return isGone(event)
        ? objects.remove(key.get()) != null
        : !event.equals(objects.put(key.get(), event));
  }

  private static boolean isGone(ClusterEvent event) {
    return event instanceof ClusterEvent.NodeGone
        || event instanceof ClusterEvent.IdentityGone
        || event instanceof ClusterEvent.AddressGone
        || event instanceof ClusterEvent.PodGone
        || event instanceof ClusterEvent.NamespaceGone;
  }

  private void rewrite() {
    lines = objects.size();
    var next = file.resolveSibling(file.getFileName() + ".next");
    write(next, List.copyOf(objects.values()), StandardOpenOption.TRUNCATE_EXISTING);
    try {
      if (usable) {
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      giveUp(e);
    }
  }

  private void write(Path path, List<ClusterEvent> events, StandardOpenOption how) {
    var text = new ArrayList<String>(events.size());
    events.forEach(event -> text.add(line(event)));
    try {
      Files.write(path, text, StandardOpenOption.CREATE, StandardOpenOption.WRITE, how);
    } catch (IOException e) {
      giveUp(e);
    }
  }

  private void giveUp(IOException e) {
    usable = false;
    LOG.warn(
        "{} cannot be written: an agent that restarts while the store is away knows less: {}",
        file,
        e.getMessage());
  }

  private static String line(ClusterEvent event) {
    try {
      return MAPPER.writeValueAsString(Map.of(event.getClass().getSimpleName(), event));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Empty for the torn last line of a killed agent, and for events that this agent has not. */
  private static Optional<ClusterEvent> read(String line) {
    try {
      var entry = MAPPER.readTree(line).properties().iterator().next();
      var type = TYPES.get(entry.getKey());
      return type == null
          ? Optional.empty()
          : Optional.of((ClusterEvent) MAPPER.treeToValue(entry.getValue(), type));
    } catch (JsonProcessingException | RuntimeException e) {
      LOG.debug("left out: {}: {}", line, e.getMessage());
      return Optional.empty();
    }
  }

  private static ObjectMapper mapper() {
    var module = new SimpleModule();
    text(module, IpAddress.class, IpAddress::toString, IpAddress::parse);
    text(module, IpPrefix.class, IpPrefix::toString, IpPrefix::parse);
    text(module, Labels.class, Labels::identityKey, Labels::parseIdentityKey);
    return JsonMapper.builder()
        .visibility(PropertyAccessor.IS_GETTER, Visibility.NONE)
        .visibility(PropertyAccessor.GETTER, Visibility.NONE)
        .visibility(PropertyAccessor.FIELD, Visibility.ANY)
        .addModule(module)
        .build();
  }

  private static <T> void text(
      SimpleModule module, Class<T> type, Function<T, String> write, Function<String, T> parse) {
    module.addSerializer(
        type,
        new StdSerializer<T>(type) {
          @Override
          public void serialize(T value, JsonGenerator json, SerializerProvider provider)
              throws IOException {
            json.writeString(write.apply(value));
          }
        });
    module.addDeserializer(
        type,
        new StdDeserializer<T>(type) {
          @Override
          public T deserialize(JsonParser json, DeserializationContext context) throws IOException {
            return parse.apply(json.getText());
          }
        });
  }
}
