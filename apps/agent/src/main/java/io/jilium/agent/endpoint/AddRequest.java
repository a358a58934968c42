// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import io.jilium.core.model.PodName;

/**
 * What an endpoint is made from.
 *
 * @param pod {@link PodName#NONE} when the runtime is not Kubernetes'
 * @param podUid empty when not told
 */
record AddRequest(
    Attachment attachment, NetnsPath netns, String networkName, PodName pod, String podUid) {}
