// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.service;

import io.jilium.core.service.Algorithm;
import io.jilium.core.service.Backend;
import io.jilium.core.service.BackendSet;
import io.jilium.core.service.Choice;
import io.jilium.core.service.IdPool;
import io.jilium.core.service.Maglev;
import io.jilium.core.service.SlotRanges;
import io.jilium.datapath.BackendSetEntry;
import io.jilium.datapath.DatapathMap;
import io.jilium.datapath.MaglevMap;
import io.jilium.datapath.MemberKey;
import io.jilium.datapath.MemberMap;
import io.jilium.datapath.SetFlag;
import io.jilium.datapath.SlotArray;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * The backend sets in the kernel. A set that changes is written anew beside the old one, with its
 * table, before frontends name it; the old one goes when no program can be reading it any more.
 */
final class SetRows {
  /** Far longer than a program runs that has read a frontend before it was replaced. */
  private static final long GRACE_NANOS = 100_000_000;

  private static final int[] NOTHING = {};

  /** Numbers are never scarce: a set has at least one slot, or shares one number with nobody. */
  private static final int LAST_ID = 1 << 24;

  private static final class Row {
    final int id;
    int base;
    int[] backends = NOTHING;
    boolean table;

    /** Of the backends of the table; nothing while it is not known what the table holds. */
    int[] weights = NOTHING;

    boolean members;
    boolean drop;
    int users;

    Row(int id) {
      this.id = id;
    }
  }

  private record Old(long atNanos, int base, int count) {}

  private SlotArray slots;
  private MaglevMap tables;
  private MemberMap members;
  private final Maglev maglev;
  private final BackendRows backends;
  private final boolean drop;
  private final LongSupplier nanos;
  private final SlotRanges ranges;
  private final IdPool ids = new IdPool(LAST_ID);
  private final Map<BackendSet.Key, Row> rows = new HashMap<>();
  private final Set<BackendSet.Key> unused = new LinkedHashSet<>();
  private final Map<Integer, BackendSetEntry> inherited = new HashMap<>();
  private final ArrayDeque<Old> old = new ArrayDeque<>();
  private final List<Integer> oldTables = new ArrayList<>();
  private final Set<MemberKey> oldMembers = new HashSet<>();

  /** What sets are written to. */
  record Kernel(SlotArray slots, MaglevMap tables, MemberMap members) {}

  SetRows(Kernel kernel, Maglev maglev, BackendRows backends, boolean drop, LongSupplier nanos) {
    this.slots = kernel.slots();
    this.tables = kernel.tables();
    this.members = kernel.members();
    this.maglev = maglev;
    this.backends = backends;
    this.drop = drop;
    this.nanos = nanos;
    this.ranges = new SlotRanges(slots.capacity());
  }

  /** Goes on with maps that have the same in them, and more room. */
  void moveTo(Kernel larger) {
    slots = larger.slots();
    tables = larger.tables();
    members = larger.members();
    ranges.grow(slots.capacity());
  }

  /** A frontend that a former agent left names this set; it stays until {@link #disinherit}. */
  void inherit(BackendSetEntry entry) {
    if (entry.id() == 0 || inherited.containsKey(entry.id()) || !ids.take(entry.id())) {
      return;
    }
    boolean whole = entry.count() == 0 || ranges.take(entry.base(), entry.count());
    inherited.put(entry.id(), whole ? entry : new BackendSetEntry(entry.id(), 0, 0, entry.flags()));
  }

  /**
   * The set as the kernel shall have it, written if it is not there so.
   *
   * @param before what the frontend names now
   * @param remembered whether clients or sockets remember its backends
   */
  BackendSetEntry current(BackendSet set, Optional<BackendSetEntry> before, boolean remembered) {
    var row = rows.get(set.key());
    if (row == null) {
      row = adopt(set, before).orElseGet(this::create);
      rows.put(set.key(), row);
      unused.add(set.key());
    }
    var wanted = arrange(row, set.usable());
    boolean table = set.algorithm() == Algorithm.MAGLEV && wanted.length > 0;
    var weighted = table ? weighted(wanted, set.usable()) : List.<Maglev.Weighted>of();
    if (!Arrays.equals(wanted, row.backends)
        || table != row.table
        || !Arrays.equals(weights(weighted), row.weights)) {
      replace(row, wanted, weighted);
    }
    if (remembered || row.members) {
      remember(row, set.usable());
    }
    row.drop = set.choice() == Choice.DROP || (drop && set.choice() == Choice.REJECT);
    return entry(row);
  }

  private static BackendSetEntry entry(Row row) {
    int flags = (row.table ? SetFlag.MAGLEV.number() : 0) | (row.drop ? SetFlag.DROP.number() : 0);
    return new BackendSetEntry(row.id, row.base, row.backends.length, flags);
  }

  /** The set as it is in the kernel. */
  Optional<BackendSetEntry> entry(BackendSet.Key key) {
    return Optional.ofNullable(rows.get(key)).map(SetRows::entry);
  }

  private Row create() {
    return new Row(ids.take().orElseThrow());
  }

  /** The set that a former agent wrote for the same frontend, if nobody else took it over. */
  private Optional<Row> adopt(BackendSet set, Optional<BackendSetEntry> before) {
    var entry = before.map(named -> inherited.remove(named.id())).orElse(null);
    if (entry == null) {
      return Optional.empty();
    }
    var row = new Row(entry.id());
    row.base = entry.base();
    row.backends = new int[entry.count()];
    for (int i = 0; i < entry.count(); i++) {
      var slot = slots.get(entry.base() + i);
      row.backends[i] = slot.set() == entry.id() ? slot.backend() : 0;
    }
    row.table = SetFlag.MAGLEV.in(entry.flags());
    row.weights = adopted(row, set);
    return Optional.of(row);
  }

  /** The weights that the former agent's table was filled by, if they are those of now. */
  private int[] adopted(Row row, BackendSet set) {
    if (!row.table || !Arrays.equals(arrange(row, set.usable()), row.backends)) {
      return NOTHING;
    }
    var weighted = weighted(row.backends, set.usable());
    boolean same =
        tables
            .lookup(row.base)
            .filter(table -> Arrays.equals(table, maglev.table(weighted)))
            .isPresent();
    return same ? weights(weighted) : NOTHING;
  }

  /** Those that stay keep their order, new ones come behind. */
  private int[] arrange(Row row, List<Backend> usable) {
    var wanted = new LinkedHashSet<Integer>(usable.size() * 2);
    for (int id : backends.ids(usable)) {
      wanted.add(id);
    }
    var arranged = new int[wanted.size()];
    int count = 0;
    for (int id : row.backends) {
      if (wanted.remove(id)) {
        arranged[count++] = id;
      }
    }
    for (int id : wanted) {
      arranged[count++] = id;
    }
    return arranged;
  }

  /**
   * @param weighted what its table is filled from; nothing for one without a table
   */
  private void replace(Row row, int[] wanted, List<Maglev.Weighted> weighted) {
    int base = wanted.length == 0 ? 0 : allocate(wanted.length);
    slots.put(base, row.id, wanted);
    if (!weighted.isEmpty()) {
      tables.put(base, maglev.table(weighted));
    }
    retire(row);
    if (row.members) {
      forget(row);
    }
    row.base = base;
    row.backends = wanted;
    row.table = !weighted.isEmpty();
    row.weights = weights(weighted);
  }

  private List<Maglev.Weighted> weighted(int[] arranged, List<Backend> usable) {
    var byId = new HashMap<Integer, Maglev.Weighted>();
    for (var backend : usable) {
      byId.put(
          backends.id(backend.address()), new Maglev.Weighted(backend.address(), backend.weight()));
    }
    var weighted = new ArrayList<Maglev.Weighted>(arranged.length);
    for (int id : arranged) {
      weighted.add(Objects.requireNonNull(byId.get(id)));
    }
    return weighted;
  }

  private static int[] weights(List<Maglev.Weighted> weighted) {
    return weighted.stream().mapToInt(Maglev.Weighted::weight).toArray();
  }

  private int allocate(int count) {
    reclaim();
    return ranges
        .allocate(count)
        .orElseThrow(() -> new TableFull(DatapathMap.BACKEND_SLOTS, slots.capacity()));
  }

  private void retire(Row row) {
    if (row.backends.length > 0) {
      old.add(new Old(nanos.getAsLong(), row.base, row.backends.length));
    }
    if (row.table) {
      oldTables.add(row.base);
    }
  }

  /** {@link #remember} takes those out again that the set keeps. */
  private void forget(Row row) {
    for (int id : row.backends) {
      oldMembers.add(new MemberKey(row.id, id));
    }
  }

  private void remember(Row row, List<Backend> usable) {
    var wanted = new HashMap<MemberKey, Integer>();
    for (int id : backends.ids(usable)) {
      wanted.put(new MemberKey(row.id, id), 1);
    }
    oldMembers.removeAll(wanted.keySet());
    members.putAll(wanted);
    row.members = true;
  }

  void use(BackendSet.Key key) {
    var row = rows.get(key);
    if (row != null) {
      unused.remove(key);
      row.users++;
    }
  }

  void release(BackendSet.Key key) {
    var row = rows.get(key);
    unused.remove(key);
    if (row != null && --row.users <= 0) {
      rows.remove(key);
      retire(row);
      if (row.members) {
        forget(row);
      }
      ids.release(row.id);
    }
  }

  /** Whoever wants a set of the former agent has taken it over; the others go. */
  void disinherit() {
    for (var entry : inherited.values()) {
      if (entry.count() > 0) {
        old.add(new Old(nanos.getAsLong(), entry.base(), entry.count()));
      }
      if (SetFlag.MAGLEV.in(entry.flags())) {
        oldTables.add(entry.base());
      }
      ids.release(entry.id());
    }
    inherited.clear();
  }

  /** Removes what frontends named before; to be called when they do no more. */
  void settle() {
    List.copyOf(unused).forEach(this::release);
    members.deleteAll(oldMembers);
    oldMembers.clear();
    oldTables.forEach(tables::delete);
    oldTables.clear();
    reclaim();
  }

  private void reclaim() {
    long now = nanos.getAsLong();
    while (!old.isEmpty() && now - old.peek().atNanos() >= GRACE_NANOS) {
      var range = old.remove();
      slots.clear(range.base(), range.count());
      ranges.release(range.base(), range.count());
    }
  }

  /** Forgets what it knows of slots that do not hold it, so that they are written again. */
  void verify() {
    for (var row : rows.values()) {
      for (int i = 0; i < row.backends.length; i++) {
        var slot = slots.get(row.base + i);
        if (slot.set() != row.id || slot.backend() != row.backends[i]) {
          row.backends[i] = 0;
        }
      }
      row.table = row.table && tables.lookup(row.base).isPresent();
    }
  }

  /** Removes tables and members that no set has; a former agent may have left some. */
  void prune() {
    var bases = new HashSet<Integer>();
    var known = new HashSet<MemberKey>();
    for (var row : rows.values()) {
      if (row.table) {
        bases.add(row.base);
      }
      if (row.members) {
        for (int id : row.backends) {
          known.add(new MemberKey(row.id, id));
        }
      }
    }
    tables.forEach((base, _) -> {
      if (!bases.contains(base)) {
        oldTables.add(base);
      }
    });
    members.forEach((key, _) -> {
      if (!known.remove(key)) {
        oldMembers.add(key);
      }
    });
    known.forEach(key -> members.put(key, 1));
    settle();
  }

  int usedSlots() {
    return ranges.used();
  }

  int memberCapacity() {
    return members.capacity();
  }

  int slotCapacity() {
    return slots.capacity();
  }
}
