// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.sys;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** Waits for a task on another thread as if it had run on this one. */
final class Outcome {
  private Outcome() {}

  /** Returns the result, or throws what the task threw; interruption is kept for the caller. */
  static <T> T await(Future<T> future) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw unwrap(e);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static RuntimeException unwrap(ExecutionException e) {
    return switch (e.getCause()) {
      case RuntimeException cause -> {
        cause.addSuppressed(new IllegalStateException("awaited here"));
        yield cause;
      }
      case Error cause -> throw cause;
      case IOException cause -> new UncheckedIOException(cause);
      case null, default -> new IllegalStateException(e.getCause());
    };
  }
}
