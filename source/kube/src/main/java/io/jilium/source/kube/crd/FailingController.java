// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import org.jspecify.annotations.Nullable;

/** A background task of an endpoint that fails. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record FailingController(
    @JsonPropertyDescription("Name of the task.") @Nullable String name,
    @JsonPropertyDescription("Number of the task.") @Nullable String uuid,
    @JsonPropertyDescription("When the task runs.") @Nullable Schedule configuration,
    @JsonPropertyDescription("How the task went.") @Nullable Outcome status) {

  /** When a task runs; times in nanoseconds. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @SchemaCustomizer(
      value = SchemaPatch.class,
      input =
          """
          {"properties": {"interval": {"format": "int64"}, "error-retry-base": {"format": "int64"}}}
          """)
  public record Schedule(
      @JsonPropertyDescription("Whether a failure is tried again.") @JsonProperty("error-retry")
          @Nullable Boolean errorRetry,
      @JsonPropertyDescription("First pause after a failure, in ns.")
          @JsonProperty("error-retry-base")
          @Nullable Long errorRetryBase,
      @JsonPropertyDescription("Pause between two runs, in ns.") @Nullable Long interval) {}

  /** How a task went. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @SchemaCustomizer(
      value = SchemaPatch.class,
      input =
          """
          {"properties": {
             "consecutive-failure-count": {"format": "int64"},
             "failure-count": {"format": "int64"},
             "success-count": {"format": "int64"}}}
          """)
  public record Outcome(
      @JsonPropertyDescription("Failures since the last success.")
          @JsonProperty("consecutive-failure-count")
          @Nullable Long consecutiveFailures,
      @JsonPropertyDescription("Failures in all.") @JsonProperty("failure-count")
          @Nullable Long failures,
      @JsonPropertyDescription("Successes in all.") @JsonProperty("success-count")
          @Nullable Long successes,
      @JsonPropertyDescription("The last failure.") @JsonProperty("last-failure-msg")
          @Nullable String lastFailure,
      @JsonPropertyDescription("When it last failed.") @JsonProperty("last-failure-timestamp")
          @Nullable String lastFailureTime,
      @JsonPropertyDescription("When it last succeeded.") @JsonProperty("last-success-timestamp")
          @Nullable String lastSuccessTime) {}
}
