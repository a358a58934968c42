// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.linux.ebpf.ProgramInfo;
import java.util.OptionalInt;

/**
 * What a loaded program is and costs.
 *
 * @param verifiedInstructions that the verifier walked; unknown before kernel 5.16
 * @param translatedBytes of eBPF
 * @param nativeBytes of machine code
 */
public record ProgramReport(
    Hook hook,
    String program,
    int id,
    String tag,
    OptionalInt verifiedInstructions,
    int translatedBytes,
    int nativeBytes) {
  static ProgramReport of(Hook hook, ProgramInfo info) {
    return new ProgramReport(
        hook,
        hook.program(),
        info.id(),
        info.tag(),
        info.verifiedInstructions(),
        info.translatedBytes(),
        info.nativeBytes());
  }
}
