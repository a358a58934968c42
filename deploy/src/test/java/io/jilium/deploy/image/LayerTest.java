// SPDX-License-Identifier: Apache-2.0
package io.jilium.deploy.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Layers, read back by the system's tar. */
final class LayerTest {
  private static final long TIME = 1_767_225_600;
  private static final String LONG_NAME = "directory/".repeat(12) + "file";

  @TempDir private Path directory = Path.of("");

  @Test
  void holdsFilesLinksAndPermissions() throws Exception {
    Layer layer = Layer.pack("test", tree("a"), directory.resolve("a.tar.gz"), TIME);
    Path target = Files.createDirectories(directory.resolve("unpacked"));
    Command.run(target, List.of("tar", "-xpzf", layer.archive().toString()));
    assertThat(target.resolve("bin/program")).hasContent("#!/bin/sh\n");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(target.resolve("bin/program"))))
        .isEqualTo("rwxr-x--x");
    assertThat(Files.readSymbolicLink(target.resolve("sh"))).hasToString("bin/program");
    assertThat(target.resolve(LONG_NAME)).hasContent("far down");
    assertThat(Files.getLastModifiedTime(target.resolve("bin/program")))
        .isEqualTo(FileTime.fromMillis(TIME * 1000));
    assertThat(
            Command.run(
                directory, List.of("tar", "--numeric-owner", "-tvzf", layer.archive().toString())))
        .contains("-rwxr-x--x 0/0 ")
        .contains("2026-01-01");
  }

  @Test
  void isTheSameForTheSameFiles() throws IOException {
    Layer one = Layer.pack("test", tree("a"), directory.resolve("a.tar.gz"), TIME);
    Layer other = Layer.pack("test", tree("b"), directory.resolve("b.tar.gz"), TIME);
    assertThat(other.digest()).isEqualTo(one.digest());
    assertThat(other.diffId()).isEqualTo(one.diffId());
    assertThat(Digests.of(other.archive())).isEqualTo(other.digest());
  }

  @Test
  void isAnotherWhenAPermissionDiffers() throws IOException {
    Path tree = tree("a");
    Layer one = Layer.pack("test", tree, directory.resolve("a.tar.gz"), TIME);
    Files.setPosixFilePermissions(
        tree.resolve("bin/program"), PosixFilePermissions.fromString("rwx------"));
    Layer other = Layer.pack("test", tree, directory.resolve("b.tar.gz"), TIME);
    assertThat(other.diffId()).isNotEqualTo(one.diffId());
  }

  @Test
  void isBuiltOncePerKey() throws Exception {
    var cache = new LayerCache(Files.createDirectories(directory.resolve("cache")));
    var built = new java.util.concurrent.atomic.AtomicInteger();
    LayerCache.Filler filler =
        root -> {
          built.incrementAndGet();
          Files.writeString(root.resolve("file"), "content");
        };
    Layer first = cache.layer("base", "0".repeat(64), TIME, filler);
    assertThat(cache.layer("base", "0".repeat(64), TIME, filler)).isEqualTo(first);
    assertThat(built).hasValue(1);
    cache.layer("base", "1".repeat(64), TIME, filler);
    assertThat(built).hasValue(2);
  }

  private Path tree(String name) throws IOException {
    Path root = directory.resolve(name);
    Files.createDirectories(root.resolve("bin"));
    Files.writeString(root.resolve("bin/program"), "#!/bin/sh\n");
    Files.setPosixFilePermissions(
        root.resolve("bin/program"), PosixFilePermissions.fromString("rwxr-x--x"));
    Files.createSymbolicLink(root.resolve("sh"), Path.of("bin/program"));
    Files.createDirectories(root.resolve(LONG_NAME).getParent());
    Files.writeString(root.resolve(LONG_NAME), "far down");
    return root;
  }
}
