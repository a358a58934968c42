// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentSkipListMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the API server refuses although it answers: a missing right, a kind that is not installed.
 * Each is logged when it begins and when it ends, and shown meanwhile. Any thread.
 */
public final class Troubles {
  private static final Logger LOG = LoggerFactory.getLogger(Troubles.class);

  private final Map<String, String> sentences = new ConcurrentSkipListMap<>();

  /** None yet. */
  public Troubles() {}

  /** A request was refused. */
  public void seen(Resource resource, String verb, KubeException e) {
    var sentence = sentence(resource, verb, e);
    if (!Objects.equals(sentences.put(key(resource, verb), sentence), sentence)) {
      LOG.warn("{}", sentence);
    }
  }

  /** The same request was done. */
  public void none(Resource resource, String verb) {
    if (!sentences.isEmpty() && sentences.remove(key(resource, verb)) != null) {
      LOG.info("{} {} is possible again", verb, resource.fullName());
    }
  }

  /** One sentence each. */
  List<String> sentences() {
    return List.copyOf(sentences.values());
  }

  private static String key(Resource resource, String verb) {
    return resource.fullName() + " " + verb;
  }

  private static String sentence(Resource resource, String verb, KubeException e) {
    if (e.isForbidden()) {
      return "the role misses verb "
          + verb
          + " on resource "
          + resource.fullName()
          + ": "
          + e.getMessage();
    }
    if (e.isNotFound()) {
      return resource.fullName()
          + " "
          + resource.version()
          + " is not known to the API server: the operator installs it";
    }
    return verb + " " + resource.fullName() + ": " + e.getMessage();
  }
}
