// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.etcd;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/** Identities without users, as the operator finds and removes them. */
public final class IdentityGarbage {
  private final Etcd etcd;

  /**
   * What a look at all identities found.
   *
   * @param total the number of identities
   * @param unused labels by number, of those that no node uses
   */
  public record Survey(int total, Map<Integer, String> unused) {}

  /** On a connection that somebody else closes. */
  public IdentityGarbage(Etcd etcd) {
    this.etcd = etcd;
  }

  /** Looks at all identities and all users. */
  public Survey survey() {
    Set<String> used = new HashSet<>();
    for (KeyValue user : etcd.list(Layout.IDENTITY_USERS).entries()) {
      String rest = user.key().substring(Layout.IDENTITY_USERS.length());
      used.add(rest.substring(0, Math.max(0, rest.lastIndexOf('/'))));
    }
    Map<Integer, String> unused = new TreeMap<>();
    List<KeyValue> identities = etcd.list(Layout.IDENTITIES).entries();
    for (KeyValue identity : identities) {
      OptionalInt id = Layout.identityOf(identity.key());
      if (id.isPresent() && !used.contains(identity.value())) {
        unused.put(id.getAsInt(), identity.value());
      }
    }
    return new Survey(identities.size(), unused);
  }

  /** Removes an identity; false when somebody uses it by now, or the condition does not hold. */
  public boolean remove(int id, String labelsKey, Condition condition) {
    String number = Layout.number(labelsKey);
    boolean recorded =
        etcd.get(number).filter(kv -> kv.value().equals(Integer.toString(id))).isPresent();
    var unused =
        List.of(
            condition,
            new Condition.ValueIs(Layout.identity(id), labelsKey),
            new Condition.NoneUnder(Layout.usersOf(labelsKey)));
    List<Write> writes =
        recorded
            ? List.of(new Write.Delete(Layout.identity(id)), new Write.Delete(number))
            : List.of(new Write.Delete(Layout.identity(id)));
    return etcd.commit(unused, writes);
  }
}
