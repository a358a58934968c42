// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

/** The steps between which an agent may be killed; tests do so at each. */
enum Milestone {
  ADD_RESERVED,
  ADD_JOURNALED,
  ADD_DEVICES_MADE,
  ADD_IDENTITY_KNOWN,
  ADD_IN_DATAPATH,
  ADD_SETTLED,
  DEL_UNSETTLED,
  DEL_OUT_OF_DATAPATH,
  DEL_DEVICES_GONE,
  DEL_DONE
}
