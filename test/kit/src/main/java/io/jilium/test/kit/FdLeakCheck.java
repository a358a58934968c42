// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kit;

import io.jilium.linux.sys.LiveResource;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails a test that leaves descriptors, mappings or native memory open. */
public final class FdLeakCheck implements BeforeEachCallback, AfterEachCallback {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(FdLeakCheck.class);

  @Override
  public void beforeEach(ExtensionContext context) {
    context.getStore(NAMESPACE).put("before", new Before(LiveResource.all()));
  }

  @Override
  public void afterEach(ExtensionContext context) {
    var before = context.getStore(NAMESPACE).get("before", Before.class);
    var leaked = before == null ? List.<LiveResource>of() : LiveResource.since(before.resources);
    if (!leaked.isEmpty()) {
      throw new AssertionError(
          "the test left %d open:%n%s".formatted(leaked.size(), LiveResource.report(leaked)));
    }
  }

  private record Before(List<LiveResource> resources) {}
}
