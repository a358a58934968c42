// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.sys;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One open descriptor, mapping or native memory block, as leak checks see it. This register is the
 * one static mutable state of the module: a leak can only be seen from outside its owner.
 */
public final class LiveResource {
  /** With {@code -Dio.jilium.linux.stacks=true} each resource records where it was made. */
  public static final String STACKS_PROPERTY = "io.jilium.linux.stacks";

  private static final Set<LiveResource> LIVE = ConcurrentHashMap.newKeySet();
  private static final AtomicLong SEQUENCE = new AtomicLong();
  private static final boolean STACKS = Boolean.getBoolean(STACKS_PROPERTY);

  private final long sequence = SEQUENCE.incrementAndGet();
  private final String description;
  private final Optional<Throwable> creation;

  private LiveResource(String description) {
    this.description = description;
    this.creation = STACKS ? Optional.of(new Throwable("made here")) : Optional.empty();
  }

  static LiveResource register(String description) {
    var resource = new LiveResource(description);
    LIVE.add(resource);
    return resource;
  }

  void unregister() {
    LIVE.remove(this);
  }

  /** All that is open in this process and owned through this package, oldest first. */
  public static List<LiveResource> all() {
    return LIVE.stream().sorted(Comparator.comparingLong(r -> r.sequence)).toList();
  }

  /** What was opened after {@code before} was taken by {@link #all} and is open still. */
  public static List<LiveResource> since(Collection<LiveResource> before) {
    return all().stream().filter(resource -> !before.contains(resource)).toList();
  }

  /** A line per resource, and where it was made if that is known. */
  public static String report(List<LiveResource> resources) {
    var text = new StringWriter();
    var out = new PrintWriter(text);
    for (var resource : resources) {
      out.println(resource);
      resource.creation.ifPresent(stack -> stack.printStackTrace(out));
    }
    return text.toString();
  }

  public String description() {
    return description;
  }

  /** Where it was made, if {@link #STACKS_PROPERTY} was set when the process started. */
  public Optional<Throwable> creation() {
    return creation;
  }

  @Override
  public String toString() {
    return description;
  }
}
