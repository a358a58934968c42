// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** The version of a kernel; patch levels do not matter to features. */
public record KernelVersion(int major, int minor) implements Comparable<KernelVersion> {
  private static final Pattern RELEASE = Pattern.compile("(\\d+)\\.(\\d+).*", Pattern.DOTALL);

  /** Parses a release such as {@code 6.1.0-37-amd64}. */
  public static KernelVersion parse(String release) {
    var match = RELEASE.matcher(release);
    if (!match.matches()) {
      throw new IllegalArgumentException("kernel release " + release);
    }
    return new KernelVersion(Integer.parseInt(match.group(1)), Integer.parseInt(match.group(2)));
  }

  public static KernelVersion current() {
    try {
      return parse(Files.readString(Path.of("/proc/sys/kernel/osrelease")));
    } catch (IOException e) {
      throw new UncheckedIOException("read kernel release", e);
    }
  }

  public boolean isBefore(int otherMajor, int otherMinor) {
    return compareTo(new KernelVersion(otherMajor, otherMinor)) < 0;
  }

  @Override
  public int compareTo(KernelVersion other) {
    return major != other.major
        ? Integer.compare(major, other.major)
        : Integer.compare(minor, other.minor);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
