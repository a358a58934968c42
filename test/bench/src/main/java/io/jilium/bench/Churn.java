// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;
import java.util.function.ToIntFunction;

/**
 * Changes objects as fast as the API server takes it, each once, and looks when the kernel has
 * them.
 *
 * @param count how many objects
 * @param change changes one of them
 * @param address an address that the object gives an identity to
 * @param identity the identity after the change
 */
record Churn(
    int count, IntConsumer change, IntFunction<String> address, IntUnaryOperator identity) {
  private static final int SAMPLES = 500;
  private static final double DEADLINE_NANOS = 60e9;

  /**
   * What it took.
   *
   * @param writing seconds until the last was written
   * @param following seconds until the kernel had the last
   * @param lags from the API server's answer to the kernel, of a sample
   */
  record Result(double writing, double following, Samples lags) {}

  private record Written(int object, long at) {}

  /**
   * @param kernel the identity that the kernel has for an address
   */
  Result run(ToIntFunction<String> kernel) {
    int step = Math.max(1, count / SAMPLES);
    var written = new LinkedBlockingQueue<Written>();
    long begin = System.nanoTime();
    // A thread of its own: the common pool is what answers of the API server wait for.
    var looking =
        CompletableFuture.supplyAsync(
            () -> lags(written, kernel), task -> Thread.ofPlatform().name("lags").start(task));
    PopulatedApi.each(
        count,
        object -> {
          change.accept(object);
          if (object % step == 0) {
            written.add(new Written(object, System.nanoTime()));
          }
        });
    double writing = (System.nanoTime() - begin) / 1e9;
    written.add(new Written(-1, 0));
    var lags = looking.join();
    for (int object = 0; object < count; object++) {
      await(object, kernel);
    }
    return new Result(writing, (System.nanoTime() - begin) / 1e9, new Samples(lags, "ms"));
  }

  /** Milliseconds; one sample waits for another only if the kernel is behind anyway. */
  private List<Double> lags(BlockingQueue<Written> written, ToIntFunction<String> kernel) {
    var lags = Collections.synchronizedList(new ArrayList<Double>());
    var pending = new ArrayList<Written>();
    boolean more = true;
    try {
      while (more || !pending.isEmpty()) {
        var next = written.poll(1, TimeUnit.MILLISECONDS);
        if (next != null && next.object() < 0) {
          more = false;
        } else if (next != null) {
          pending.add(next);
        }
        pending.removeIf(sample -> {
          boolean there = isThere(sample.object(), kernel);
          if (there) {
            lags.add((System.nanoTime() - sample.at()) / 1e6);
          } else if (System.nanoTime() - sample.at() > DEADLINE_NANOS) {
            throw late(sample.object());
          }
          return there;
        });
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("interrupted", e);
    }
    return lags;
  }

  private void await(int object, ToIntFunction<String> kernel) {
    long begin = System.nanoTime();
    while (!isThere(object, kernel)) {
      if (System.nanoTime() - begin > DEADLINE_NANOS) {
        throw late(object);
      }
      Tool.pause(1);
    }
  }

  private boolean isThere(int object, ToIntFunction<String> kernel) {
    return kernel.applyAsInt(address.apply(object)) == identity.applyAsInt(object);
  }

  private BenchException late(int object) {
    return new BenchException("the kernel never had the change of " + address.apply(object));
  }
}
