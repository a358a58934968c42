// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * Measures several pairs of ends in alternation: a machine that becomes slower for some seconds
 * disturbs one round of all, and the median does not see it.
 *
 * @param count how many rounds
 * @param seconds how long each measurement of a round
 */
record Rounds(int count, int seconds, Progress progress) {
  List<Samples> measure(Meter meter, List<Ends> all) {
    var values = new ArrayList<List<Double>>();
    all.forEach(_ -> values.add(new ArrayList<>()));
    for (int round = 0; round < count; round++) {
      for (int i = 0; i < all.size(); i++) {
        // Every other round runs backwards, so that nobody is always the one after an idle second.
        int index = round % 2 == 0 ? i : all.size() - 1 - i;
        var ends = all.get(index);
        double value = meter.measure(ends, seconds);
        progress.say(
            "round %d of %d: %s %s"
                .formatted(round + 1, count, ends.label(), Samples.text(value, meter.unit())));
        values.get(index).add(value);
      }
    }
    return values.stream().map(list -> new Samples(list, meter.unit())).toList();
  }
}
