// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.settings;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds what was probably meant (optimal string alignment distance, letter case and sections count
 * little).
 */
public final class NearestName {
  private NearestName() {}

  /** The most similar candidate, unless nothing is similar. */
  public static Optional<String> of(String wrong, Collection<String> candidates) {
    return candidates.stream()
        .min(
            Comparator.comparingInt((String candidate) -> distance(wrong, candidate))
                .thenComparing(c -> c))
        .filter(best -> distance(wrong, best) <= Math.max(2, 2 * wrong.length() / 5));
  }

  private static int distance(String wrong, String candidate) {
    String a = wrong.toLowerCase(Locale.ROOT);
    String b = candidate.toLowerCase(Locale.ROOT);
    int whole = edits(a, b);
    int tails = edits(a.substring(a.lastIndexOf('.') + 1), b.substring(b.lastIndexOf('.') + 1)) + 1;
    return Math.min(whole, tails);
  }

  private static int edits(String a, String b) {
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          cost[i][j] = i + j;
          continue;
        }
        int substitution = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        cost[i][j] = Math.min(substitution, Math.min(cost[i - 1][j], cost[i][j - 1]) + 1);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
      }
    }
    return cost[a.length()][b.length()];
  }
}
