// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube.crd;

import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.crdv2.generator.CRDGenerator.AbstractCRDOutput;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinitionBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersionBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceSubresourceStatus;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceSubresources;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRuleBuilder;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Writes the CustomResourceDefinitions of all kinds, each to {@code DIRECTORY/PLURAL.yaml}. The
 * build runs it.
 */
public final class CrdYaml {
  private CrdYaml() {}

  /** Generates into the directory that is the only argument. */
  public static void main(String[] arguments) throws IOException {
    Path directory = Path.of(arguments[0]);
    Files.createDirectories(directory);
    new CRDGenerator()
        .customResourceClasses(List.copyOf(Crds.KINDS))
        .withParallelGenerationEnabled(false)
        .withPostProcessor(new Completion())
        .withOutput(new Output(directory))
        .generate();
  }

  private static final class Completion implements io.fabric8.crdv2.generator.CRDPostProcessor {
    @Override
    public HasMetadata process(HasMetadata generated, String version) {
      return complete((CustomResourceDefinition) generated);
    }
  }

  private static CustomResourceDefinition complete(CustomResourceDefinition crd) {
    Class<? extends HasMetadata> kind =
        Crds.KINDS.stream()
            .filter(type -> HasMetadata.getKind(type).equals(crd.getSpec().getNames().getKind()))
            .findFirst()
            .orElseThrow();
    Definition definition = Objects.requireNonNull(kind.getAnnotation(Definition.class));
    crd.getMetadata().setLabels(Map.of(Crds.SCHEMA_VERSION_LABEL, Crds.SCHEMA_VERSION));
    List<String> categories = new ArrayList<>(List.of("cilium"));
    categories.addAll(Arrays.asList(definition.categories()));
    crd.getSpec().getNames().setCategories(categories);
    List<CustomResourceDefinitionVersion> versions = new ArrayList<>(crd.getSpec().getVersions());
    CustomResourceDefinitionVersion stored = versions.getFirst();
    stored.setAdditionalPrinterColumns(columns(kind));
    stored.setSubresources(
        definition.statusSubresource()
            ? new CustomResourceSubresources(null, new CustomResourceSubresourceStatus())
            : null);
    describe(stored.getSchema().getOpenAPIV3Schema(), definition);
    removeDuplicates(stored.getSchema().getOpenAPIV3Schema());
    if (!definition.alsoServed().isEmpty()) {
      versions.add(
          new CustomResourceDefinitionVersionBuilder(stored)
              .withName(definition.alsoServed())
              .withStorage(false)
              .withDeprecated(true)
              .build());
    }
    crd.getSpec().setVersions(versions);
    return crd;
  }

  private static void describe(JSONSchemaProps schema, Definition definition) {
    schema.setDescription(definition.description());
    schema.setXKubernetesValidations(rules(definition));
    schema.setRequired(List.of(definition.required()));
    describe(schema.getProperties(), "spec", definition.spec());
    describe(schema.getProperties(), "status", definition.status());
  }

  /**
   * A field without a description is one that the kind does not have: fabric8's base class has it.
   */
  private static void describe(
      Map<String, JSONSchemaProps> fields, String field, String description) {
    if (description.isEmpty()) {
      fields.remove(field);
    } else {
      Objects.requireNonNull(fields.get(field)).setDescription(description);
    }
  }

  /** A record's component has its annotations twice: on the field and on the accessor. */
  private static void removeDuplicates(JSONSchemaProps schema) {
    schema.setXKubernetesValidations(
        List.copyOf(new LinkedHashSet<>(schema.getXKubernetesValidations())));
    schema.getProperties().values().forEach(CrdYaml::removeDuplicates);
    if (schema.getItems() != null) {
      removeDuplicates(schema.getItems().getSchema());
    }
  }

  /** In the order of the annotations, which is kubectl's from left to right. */
  private static List<CustomResourceColumnDefinition> columns(Class<?> kind) {
    return Arrays.stream(kind.getAnnotationsByType(Column.class))
        .map(column ->
            new CustomResourceColumnDefinitionBuilder()
                .withName(column.name())
                .withJsonPath(column.jsonPath())
                .withType(column.type())
                .withDescription(column.description())
                .withPriority(column.priority() == 0 ? null : column.priority())
                .build())
        .toList();
  }

  private static List<ValidationRule> rules(Definition definition) {
    List<ValidationRule> rules = new ArrayList<>();
    for (int i = 0; i < definition.rules().length; i += 3) {
      rules.add(
          new ValidationRuleBuilder()
              .withRule(definition.rules()[i])
              .withMessage(definition.rules()[i + 1])
              .withFieldPath(definition.rules()[i + 2])
              .build());
    }
    return rules;
  }

  private static final class Output extends AbstractCRDOutput<OutputStream> {
    private final Path directory;

    Output(Path directory) {
      this.directory = directory;
    }

    @Override
    protected OutputStream createStreamFor(String name) {
      try {
        return Files.newOutputStream(
            directory.resolve(name.substring(0, name.indexOf('.')) + ".yaml"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
