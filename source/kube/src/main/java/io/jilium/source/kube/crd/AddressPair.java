// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.jspecify.annotations.Nullable;

/** One thing's addresses: one of each family at most. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record AddressPair(
    @JsonPropertyDescription("IPv4 address.") @Nullable String ipv4,
    @JsonPropertyDescription("IPv6 address.") @Nullable String ipv6) {}
