// SPDX-License-Identifier: Apache-2.0
package io.jilium.deploy.image;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * An image as an archive in the layout of the OCI image specification 1.1; the annotation {@code
 * io.containerd.image.name} gives it its name on import, {@code manifest.json} does so for Docker.
 */
final class OciArchive {
  private static final String LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";
  private static final String CONFIG = "application/vnd.oci.image.config.v1+json";
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  private static final String INDEX = "application/vnd.oci.image.index.v1+json";

  private final String name;
  private final String created;
  private final Map<String, String> labels;
  private final List<Layer> layers;

  /**
   * @param name with registry and tag
   * @param created RFC 3339
   */
  OciArchive(String name, String created, Map<String, String> labels, List<Layer> layers) {
    this.name = name;
    this.created = created;
    this.labels = new java.util.TreeMap<>(labels);
    this.layers = List.copyOf(layers);
  }

  /**
   * Writes it.
   *
   * @param seconds modification time of the entries, since 1970
   * @return the digest of the image's manifest
   */
  String write(Path file, long seconds) throws IOException {
    byte[] config = Json.text(config());
    byte[] manifest = Json.text(manifest(config));
    byte[] index = Json.text(index(manifest));
    byte[] docker = Json.text(docker(config));
    Path fresh = file.resolveSibling("." + file.getFileName() + ".new");
    try (var tar =
        new Tar(new BufferedOutputStream(Files.newOutputStream(fresh), 1 << 16), seconds)) {
      tar.file("oci-layout", Json.text(Map.of("imageLayoutVersion", "1.0.0")));
      tar.file("index.json", index);
      tar.file("manifest.json", docker);
      tar.file("blobs/sha256/" + Digests.of(manifest), manifest);
      tar.file("blobs/sha256/" + Digests.of(config), config);
      for (Layer layer : layers) {
        tar.file("blobs/sha256/" + layer.digest(), layer.archive());
      }
    }
    Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    return "sha256:" + Digests.of(manifest);
  }

  private Map<String, Object> config() {
    return ordered(
        "created",
        created,
        "architecture",
        "amd64",
        "os",
        "linux",
        "config",
        ordered(
            "Env",
            List.of(
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "LANG=C.UTF-8"),
            "Cmd",
            List.of("/usr/bin/jilium-agent"),
            "WorkingDir",
            "/",
            "Labels",
            labels),
        "rootfs",
        ordered(
            "type",
            "layers",
            "diff_ids",
            layers.stream().map(layer -> "sha256:" + layer.diffId()).toList()),
        "history",
        layers.stream()
            .map(
                layer -> ordered("created", created, "created_by", "jilium image: " + layer.name()))
            .toList());
  }

  private Map<String, Object> manifest(byte[] config) throws IOException {
    var descriptors = new java.util.ArrayList<Map<String, Object>>();
    for (Layer layer : layers) {
      descriptors.add(descriptor(LAYER, layer.digest(), layer.size()));
    }
    return ordered(
        "schemaVersion", 2,
        "mediaType", MANIFEST,
        "config", descriptor(CONFIG, Digests.of(config), config.length),
        "layers", descriptors,
        "annotations", labels);
  }

  private Map<String, Object> index(byte[] manifest) {
    var descriptor =
        new LinkedHashMap<>(descriptor(MANIFEST, Digests.of(manifest), manifest.length));
    descriptor.put("platform", ordered("architecture", "amd64", "os", "linux"));
    descriptor.put(
        "annotations",
        ordered(
            "io.containerd.image.name",
            name,
            "org.opencontainers.image.ref.name",
            name.substring(name.lastIndexOf(':') + 1)));
    return ordered("schemaVersion", 2, "mediaType", INDEX, "manifests", List.of(descriptor));
  }

  private List<Object> docker(byte[] config) {
    String path = "blobs/sha256/";
    return List.of(
        ordered(
            "Config", path + Digests.of(config),
            "RepoTags", List.of(name.replaceFirst("^docker\\.io/", "")),
            "Layers", layers.stream().map(layer -> path + layer.digest()).toList()));
  }

  private static Map<String, Object> descriptor(String type, String digest, long size) {
    return ordered("mediaType", type, "digest", "sha256:" + digest, "size", size);
  }

  private static Map<String, Object> ordered(Object... pairs) {
    var map = new LinkedHashMap<String, Object>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put((String) pairs[i], pairs[i + 1]);
    }
    return map;
  }

  /** JSON of what is put together above: maps, lists, texts and whole numbers. */
  private static final class Json {
    static byte[] text(Object value) {
      return of(value).getBytes(StandardCharsets.UTF_8);
    }

    private static String of(Object value) {
      return switch (value) {
        case Map<?, ?> map ->
            map.entrySet().stream()
                .map(entry -> quoted((String) entry.getKey()) + ":" + of(entry.getValue()))
                .collect(Collectors.joining(",", "{", "}"));
        case List<?> list -> list.stream().map(Json::of).collect(Collectors.joining(",", "[", "]"));
        case String string -> quoted(string);
        case Number number -> number.toString();
        default -> throw new IllegalArgumentException("no JSON for " + value.getClass());
      };
    }

    private static String quoted(String string) {
      return '"' + string.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }
  }
}
