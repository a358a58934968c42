// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import io.jilium.core.model.Endpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** A datapath whose maps are files, which survive the agent as pinned maps do. */
final class FileDatapath implements EndpointDatapath {
  private final Path directory;

  FileDatapath(Path directory) {
    this.directory = directory;
  }

  @Override
  public void attach(Endpoint endpoint) {}

  @Override
  public CompletableFuture<Void> put(Endpoint endpoint) {
    return done(() -> Files.writeString(file(endpoint.id()), endpoint.addresses().toString()));
  }

  @Override
  public void settled(Endpoint endpoint) {}

  @Override
  public CompletableFuture<Void> remove(Endpoint endpoint) {
    return done(() -> Files.deleteIfExists(file(endpoint.id())));
  }

  @Override
  public List<String> verify(Endpoint endpoint) {
    return Files.exists(file(endpoint.id())) ? List.of() : List.of("not in the datapath");
  }

  @Override
  public void prune(Set<Integer> endpointIds) {
    try (var files = Files.newDirectoryStream(directory)) {
      for (var file : files) {
        if (!endpointIds.contains(Integer.parseInt(file.getFileName().toString()))) {
          Files.delete(file);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path file(int id) {
    return directory.resolve(Integer.toString(id));
  }

  private interface Action {
    Object perform() throws IOException;
  }

  private static CompletableFuture<Void> done(Action action) {
    try {
      var _ = action.perform();
      return CompletableFuture.completedFuture(null);
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
  }
}
