// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.api;

import io.jilium.wire.agent.Request;
import io.jilium.wire.agent.Response;
import java.io.IOException;

/** Answers the requests of clients. */
@FunctionalInterface
public interface Conversation {
  /**
   * Answers one request; the end is marked by the caller.
   *
   * @throws IOException when the client is gone
   */
  void answer(Request request, Client client) throws IOException, InterruptedException;

  /** Who asked. */
  interface Client {
    /** Sends an answer; waits while the client does not read. */
    void send(Response response) throws IOException;

    /** This conversation has no end: it may take longer than others may. */
    void staysLong();
  }
}
