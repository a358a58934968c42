// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.qemu;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClasspathRoots;
import static org.junit.platform.launcher.TagFilter.includeTags;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs the tests of other modules that need a kernel, with the kernel that is there. */
final class KernelTests {
  private KernelTests() {}

  static void run(Report report, List<Path> roots) {
    if (roots.isEmpty()) {
      return;
    }
    var request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectClasspathRoots(new LinkedHashSet<>(roots)))
            .filters(includeTags("kernel"))
            .build();
    LauncherFactory.create().execute(request, new Listener(report));
  }

  private static final class Listener implements TestExecutionListener {
    private final Report report;
    private final Map<TestIdentifier, Long> started = new ConcurrentHashMap<>();

    Listener(Report report) {
      this.report = report;
    }

    @Override
    public void executionStarted(TestIdentifier test) {
      started.put(test, System.nanoTime());
      if (test.isTest()) {
        report.line(Report.Word.START, name(test));
      }
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
      report.line(Report.Word.SKIP, name(test), reason);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      long nanos = System.nanoTime() - started.getOrDefault(test, System.nanoTime());
      long millis = Duration.ofNanos(nanos).toMillis();
      var why = result.getThrowable();
      switch (result.getStatus()) {
        case SUCCESSFUL -> {
          if (test.isTest()) {
            report.line(Report.Word.PASS, name(test), millis);
          }
        }
        case ABORTED ->
            report.line(
                Report.Word.SKIP, name(test), why.map(Throwable::toString).orElse("no reason"));
        case FAILED ->
            report.failed(name(test), millis, why.orElseGet(() -> new AssertionError("failed")));
      }
    }

    private static String name(TestIdentifier test) {
      return test.getSource()
          .filter(MethodSource.class::isInstance)
          .map(MethodSource.class::cast)
          .map(source ->
              source.getClassName().replaceAll(".*\\.", "") + ": " + test.getDisplayName())
          .orElseGet(test::getDisplayName);
    }
  }
}
