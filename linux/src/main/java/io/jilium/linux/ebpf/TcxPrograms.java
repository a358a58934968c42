// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/** The programs of one tcx hook in running order; the revision grows with every change. */
public record TcxPrograms(long revision, List<Attached> attached) {
  private static final int MAX_PROGRAMS = 64; // BPF_MPROG_MAX of linux/bpf_mprog.h

  public TcxPrograms {
    attached = List.copyOf(attached);
  }

  /** One program; linkId is 0 if it was attached without a link. */
  public record Attached(int programId, int linkId) {}

  static TcxPrograms query(int ifindex, TcHook hook) {
    try (var arena = Arena.ofConfined()) {
      var programs = arena.allocate(JAVA_INT, MAX_PROGRAMS);
      var links = arena.allocate(JAVA_INT, MAX_PROGRAMS);
      var attributes = Bpf.attributes(arena);
      attributes.set(JAVA_INT, 0, ifindex);
      attributes.set(JAVA_INT, 4, hook.attachType().number());
      attributes.set(JAVA_LONG, 16, programs.address());
      attributes.set(JAVA_INT, 24, MAX_PROGRAMS);
      attributes.set(JAVA_LONG, 40, links.address());
      Bpf.call(Bpf.PROG_QUERY, attributes, "list tcx " + hook + " of ifindex " + ifindex);
      var attached = new ArrayList<Attached>();
      for (int i = 0; i < attributes.get(JAVA_INT, 24); i++) {
        attached.add(new Attached(programs.getAtIndex(JAVA_INT, i), links.getAtIndex(JAVA_INT, i)));
      }
      return new TcxPrograms(attributes.get(JAVA_LONG, 56), attached);
    }
  }
}
