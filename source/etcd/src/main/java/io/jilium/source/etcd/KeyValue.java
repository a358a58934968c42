// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.etcd;

/** A key with its value and the revisions at which it was made and last changed. */
public record KeyValue(
    String key, String value, long createRevision, long modRevision, long lease) {}
