// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kit;

import io.jilium.linux.sys.Netns;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Makes network namespaces for a test and removes them whatever becomes of it. Registered in a
 * static field they live as long as the class, else as long as the test.
 */
public final class Namespaces implements AfterEachCallback, AfterAllCallback {
  private static final AtomicInteger NEXT = new AtomicInteger();
  private static final Path DIRECTORY = Path.of("/run/netns");

  private final boolean perClass;
  private final Deque<Runnable> cleanup = new ArrayDeque<>();

  private Namespaces(boolean perClass) {
    this.perClass = perClass;
  }

  public static Namespaces perTest() {
    return new Namespaces(false);
  }

  public static Namespaces perClass() {
    return new Namespaces(true);
  }

  /** A namespace without a name: it is gone when nothing runs in it. */
  public Netns create() {
    var netns = Netns.createUnnamed();
    cleanup.push(netns::close);
    return netns;
  }

  /** A namespace that {@code ip netns exec} finds; the name is unique on the machine. */
  public Netns create(String prefix) {
    var name = prefix + "-" + ProcessHandle.current().pid() + "-" + NEXT.incrementAndGet();
    var path = DIRECTORY.resolve(name);
    var netns = Netns.create(path);
    cleanup.push(() -> {
      netns.close();
      Netns.delete(path);
    });
    return netns;
  }

  /** Runs before the namespaces go, last added first: processes, sockets. */
  public void onClose(Runnable task) {
    cleanup.push(task);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    if (!perClass) {
      close();
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    close();
  }

  private void close() {
    var failures = new ArrayList<RuntimeException>();
    while (!cleanup.isEmpty()) {
      try {
        cleanup.pop().run();
      } catch (RuntimeException e) {
        failures.add(e);
      }
    }
    if (!failures.isEmpty()) {
      var error = new AssertionError("cleaning up", failures.getFirst());
      failures.stream().skip(1).forEach(error::addSuppressed);
      throw error;
    }
  }
}
