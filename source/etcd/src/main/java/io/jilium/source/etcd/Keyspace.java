// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.etcd;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RequestOp;

/** Translates between our records and etcd's messages. */
final class Keyspace {
  private Keyspace() {}

  static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  /** The first key behind all keys with the prefix. */
  static ByteString endOf(String prefix) {
    byte[] end = bytes(prefix).toByteArray();
    for (int i = end.length - 1; i >= 0; i--) {
      if (end[i] != (byte) 0xff) {
        end[i]++;
        return ByteString.copyFrom(end, 0, i + 1);
      }
    }
    return ByteString.copyFrom(new byte[1]);
  }

  static KeyValue keyValue(io.etcd.jetcd.api.KeyValue kv) {
    return new KeyValue(
        kv.getKey().toStringUtf8(),
        kv.getValue().toStringUtf8(),
        kv.getCreateRevision(),
        kv.getModRevision(),
        kv.getLease());
  }

  static Compare compare(Condition condition) {
    Compare.Builder compare = Compare.newBuilder().setResult(Compare.CompareResult.EQUAL);
    return switch (condition) {
      case Condition.Absent(String key) ->
          compare
              .setTarget(Compare.CompareTarget.CREATE)
              .setKey(bytes(key))
              .setCreateRevision(0)
              .build();
      case Condition.NoneUnder(String prefix) ->
          compare
              .setTarget(Compare.CompareTarget.CREATE)
              .setKey(bytes(prefix))
              .setRangeEnd(endOf(prefix))
              .setCreateRevision(0)
              .build();
      case Condition.ValueIs(String key, String value) ->
          compare
              .setTarget(Compare.CompareTarget.VALUE)
              .setKey(bytes(key))
              .setValue(bytes(value))
              .build();
      case Condition.UnchangedSince(String key, long revision) ->
          compare
              .setTarget(Compare.CompareTarget.MOD)
              .setKey(bytes(key))
              .setModRevision(revision)
              .build();
      case Condition.CreatedAt(String key, long revision) ->
          compare
              .setTarget(Compare.CompareTarget.CREATE)
              .setKey(bytes(key))
              .setCreateRevision(revision)
              .build();
    };
  }

  static RequestOp request(Write write) {
    return switch (write) {
      case Write.Put(String key, String value, long lease) ->
          RequestOp.newBuilder()
              .setRequestPut(
                  PutRequest.newBuilder().setKey(bytes(key)).setValue(bytes(value)).setLease(lease))
              .build();
      case Write.Delete(String key) ->
          RequestOp.newBuilder()
              .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(bytes(key)))
              .build();
    };
  }
}
