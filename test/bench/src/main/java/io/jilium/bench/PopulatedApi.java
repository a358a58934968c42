// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jilium.source.kube.KubeAccess;
import io.jilium.source.kube.KubeApi;
import io.jilium.source.kube.KubeException;
import io.jilium.source.kube.Resource;
import io.jilium.source.kube.crd.Crds;
import io.jilium.test.kube.kit.ApiServer;
import io.jilium.test.kube.kit.KubePrograms;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;

/** A real API server, and a population written into it as fast as it takes it. */
final class PopulatedApi implements AutoCloseable {
  private static final Resource SERVICES = new Resource("", "v1", "services", "Service");
  private static final Resource ENDPOINT_SLICES =
      new Resource("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice");
  private static final Resource NETWORK_POLICIES =
      new Resource("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy");
  private static final int WRITERS = 16;

  private final ApiServer server;
  private final KubeApi api;
  private final Progress progress;

  private PopulatedApi(ApiServer server, Progress progress) {
    this.server = server;
    this.progress = progress;
    this.api = KubeApi.open(KubeAccess.of(server.kubeconfig()), "jilium-bench");
  }

  static PopulatedApi start(Path directory, Progress progress) {
    KubePrograms.missing()
        .ifPresent(what -> {
          throw new BenchException(what);
        });
    var populated = new PopulatedApi(ApiServer.start(directory), progress);
    try {
      populated.installKinds();
      return populated;
    } catch (RuntimeException e) {
      populated.close();
      throw e;
    }
  }

  private void installKinds() {
    for (var kind : Crds.definitions()) {
      server.apply(definition(kind.getSpec().getNames().getPlural()));
    }
    server.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s");
  }

  private static String definition(String plural) {
    var resource = "/crds/" + plural + ".yaml";
    try (var yaml = Objects.requireNonNull(Crds.class.getResourceAsStream(resource), resource)) {
      return new String(yaml.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new BenchException("cannot read " + resource, e);
    }
  }

  Path kubeconfig() {
    return server.kubeconfig();
  }

  int port() {
    return server.url().getPort();
  }

  /** Writes all of it. */
  void write(KubePopulation all) {
    make(all.namespaces(), _ -> Resource.NAMESPACES.path(), KubePopulation::namespaceObject);
    make(1, _ -> Resource.NODES.path(), _ -> KubePopulation.localNode());
    make(
        all.localPods(),
        i -> Resource.PODS.pathIn(KubePopulation.namespace(i % all.namespaces())),
        KubePopulation::localPod);
    make(all.nodes(), _ -> Resource.NODES.path(), all::node);
    make(all.nodes(), _ -> Resource.CILIUM_NODES.path(), all::ciliumNode);
    make(all.workloads(), _ -> Resource.CILIUM_IDENTITIES.path(), all::identity);
    make(all.pods(), i -> endpointPath(i), all::ciliumEndpoint);
    make(all.slices(), _ -> Resource.CILIUM_ENDPOINT_SLICES.path(), number -> all.slice(number, 0));
    make(all.services(), i -> SERVICES.pathIn(namespaceOf(i)), KubePopulation::service);
    make(all.services(), i -> ENDPOINT_SLICES.pathIn(namespaceOf(i)), all::endpointSlice);
    int half = all.policies() / 2;
    make(
        half,
        i -> Resource.CILIUM_NETWORK_POLICIES.pathIn(namespaceOf(i)),
        KubePopulation::ciliumNetworkPolicy);
    make(
        all.policies() - half,
        i -> NETWORK_POLICIES.pathIn(namespaceOf(half + i)),
        i -> KubePopulation.networkPolicy(half + i));
  }

  private static String namespaceOf(int workload) {
    return KubePopulation.namespace(KubePopulation.namespaceOf(workload));
  }

  /** Where the endpoint of a pod is; more: its name. */
  static String endpointPath(int pod, String... more) {
    return Resource.CILIUM_ENDPOINTS.pathIn(namespaceOf(KubePopulation.workloadOf(pod)), more);
  }

  private void make(int count, IntFunction<String> path, IntFunction<String> object) {
    long start = System.nanoTime();
    each(
        count,
        i -> {
          var _ = api.create(path.apply(i), tree(object.apply(i)));
        });
    double seconds = (System.nanoTime() - start) / 1e9;
    if (count > 1) {
      progress.say(
          "%d %s written in %s"
              .formatted(count, path.apply(0).replaceAll(".*/", ""), Samples.text(seconds, "s")));
    }
  }

  /** Sets the identity of a pod's endpoint. */
  void setIdentity(int pod, int identity) {
    var _ =
        api.merge(
            endpointPath(pod, KubePopulation.podName(pod)),
            tree(KubePopulation.identityPatch(identity)));
  }

  /** Writes a slice as a whole. */
  void setSlice(KubePopulation all, int number, int shift) {
    var path = Resource.CILIUM_ENDPOINT_SLICES.path("ces-" + number);
    var _ = api.apply(path, tree(all.slice(number, shift)));
  }

  private static ObjectNode tree(String json) {
    try {
      return (ObjectNode) KubeApi.JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new BenchException("an object to be written is no JSON: " + json, e);
    }
  }

  /** Does something for every number below count, several at once; the first failure ends it. */
  static void each(int count, IntConsumer task) {
    try (var executor = Executors.newFixedThreadPool(WRITERS)) {
      var futures = new ArrayList<Future<?>>();
      for (int writer = 0; writer < WRITERS; writer++) {
        int first = writer;
        futures.add(
            executor.submit(() -> {
              for (int i = first; i < count; i += WRITERS) {
                task.accept(i);
              }
            }));
      }
      await(futures);
    }
  }

  private static void await(List<Future<?>> futures) {
    try {
      for (var future : futures) {
        future.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof KubeException refused) {
        throw new BenchException(String.valueOf(refused.getMessage()), refused);
      }
      throw new BenchException(String.valueOf(e.getCause()), e);
    }
  }

  @Override
  public void close() {
    api.close();
    server.close();
  }
}
