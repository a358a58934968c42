// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube.kit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * Stands before a real API server, under its certificate, and makes it a bad one: slow, overloaded,
 * forgetful of old versions, with watches that end, and with fields that no client knows. Every
 * request has a connection of its own; WebSockets pass through.
 */
public final class FaultyApi implements AutoCloseable {
  private static final char[] PASSWORD = "proxy".toCharArray();
  private static final int BUFFER = 16_384;
  private static final String UNKNOWN =
      "\"futureField\":{\"list\":[1,\"two\",null],\"nested\":{\"deep\":true}},";

  private final SSLServerSocket listener;
  private final SSLContext context;
  private final URI server;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();
  private final AtomicInteger cutWatches = new AtomicInteger();
  private volatile Faults faults = Faults.NONE;

  private FaultyApi(SSLServerSocket listener, SSLContext context, URI server) {
    this.listener = listener;
    this.context = context;
    this.server = server;
  }

  /**
   * What is wrong with the server.
   *
   * @param delay before each answer
   * @param status of every refused answer: 410, 429, 500, …
   * @param refuseEvery refuses each request whose number is a multiple of it; 1 refuses all
   * @param watchLife after which a watch is cut without a word
   * @param unknownFields adds fields to the objects in answers that are no watches
   */
  public record Faults(
      Duration delay,
      int status,
      int refuseEvery,
      Optional<Duration> watchLife,
      boolean unknownFields) {
    /** A good server. */
    public static final Faults NONE =
        new Faults(Duration.ZERO, 200, Integer.MAX_VALUE, Optional.empty(), false);

    public Faults slow(Duration by) {
      return new Faults(by, status, refuseEvery, watchLife, unknownFields);
    }

    public Faults refusing(int with, int every) {
      return new Faults(delay, with, every, watchLife, unknownFields);
    }

    public Faults cuttingWatches(Duration after) {
      return new Faults(delay, status, refuseEvery, Optional.of(after), unknownFields);
    }

    public Faults withUnknownFields() {
      return new Faults(delay, status, refuseEvery, watchLife, true);
    }
  }

  /** Before an API server without nodes, on a free port of this machine. */
  public static FaultyApi before(ApiServer api) {
    return start(api.url(), api.certificate(), api.key(), Callable::call);
  }

  /** Before a cluster's API server, at the same address on another port; nodes reach it too. */
  public static FaultyApi before(KubeCluster cluster) {
    URI url = cluster.controlPlane().url();
    return start(
        url,
        cluster.controlPlane().certificate(),
        cluster.controlPlane().key(),
        cluster::inControlNetwork);
  }

  /** Runs what opens a socket where the socket is wanted. */
  private interface Place {
    SSLServerSocket open(Callable<SSLServerSocket> task) throws Exception;
  }

  private static FaultyApi start(URI server, Path certificate, Path key, Place place) {
    try {
      var context = context(certificate, key);
      var listener =
          place.open(() -> {
            var socket = (SSLServerSocket) context.getServerSocketFactory().createServerSocket();
            socket.bind(new InetSocketAddress(InetAddress.ofLiteral(server.getHost()), 0));
            return socket;
          });
      var proxy = new FaultyApi(listener, context, server);
      Thread.ofPlatform().daemon().name("faulty-api").start(proxy::accept);
      return proxy;
    } catch (Exception e) {
      throw new KubeException("start a proxy before " + server + ": " + e.getMessage(), e);
    }
  }

  /** Where it listens. */
  public URI url() {
    return URI.create("https://" + server.getHost() + ":" + listener.getLocalPort());
  }

  /** Copies a kubeconfig with this proxy in the server's place. */
  public Path kubeconfig(Path original, Path copy) {
    try {
      return Files.writeString(
          copy, Files.readString(original).replace(server.toString(), url().toString()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** From now on; requests that are under way go on as they began. */
  public void have(Faults what) {
    faults = what;
  }

  /** Cuts every connection there is. */
  public void cut() {
    open.forEach(FaultyApi::close);
  }

  /** How many requests have come. */
  public int requests() {
    return requests.get();
  }

  /** How many of them were refused. */
  public int refused() {
    return refused.get();
  }

  /** How many watches were cut because they had lived long enough. */
  public int cutWatches() {
    return cutWatches.get();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        var client = (SSLSocket) listener.accept();
        Thread.ofPlatform().daemon().name("faulty-api-request").start(() -> handle(client));
      } catch (IOException _) {
        // Closed, or a client that went away; the next one decides.
      }
    }
  }

  private void handle(SSLSocket client) {
    open.add(client);
    try (client) {
      var head = head(client.getInputStream());
      if (head.isEmpty()) {
        return;
      }
      var now = faults;
      Waiting.pause(now.delay());
      int number = requests.incrementAndGet();
      if (number % now.refuseEvery() == 0) {
        refused.incrementAndGet();
        client.getOutputStream().write(refusal(now.status()));
        return;
      }
      pass(client, head, now);
    } catch (IOException _) {
      // One of the two sides went away; the other is told by the closed connection.
    } finally {
      open.remove(client);
    }
  }

  private void pass(SSLSocket client, String head, Faults now) throws IOException {
    String words = head.toLowerCase(Locale.ROOT);
    boolean upgrade = words.contains("\r\nupgrade:");
    boolean watch = words.lines().findFirst().orElse("").contains("watch=true");
    boolean rewrite = now.unknownFields() && words.startsWith("get ") && !watch && !upgrade;
    try (var upstream =
        context.getSocketFactory().createSocket(server.getHost(), server.getPort())) {
      open.add(upstream);
      upstream
          .getOutputStream()
          .write(forwarded(head, upgrade).getBytes(StandardCharsets.ISO_8859_1));
      var life = now.watchLife().filter(_ -> watch);
      life.ifPresent(after -> cutLater(client, upstream, after));
      Thread.ofPlatform().daemon().start(() -> pump(client, upstream));
      if (rewrite) {
        rewrite(upstream.getInputStream(), client.getOutputStream());
      } else {
        copy(upstream.getInputStream(), client.getOutputStream());
      }
      open.remove(upstream);
    }
  }

  private void cutLater(Socket client, Socket upstream, Duration after) {
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          Waiting.pause(after);
          if (!client.isClosed()) {
            cutWatches.incrementAndGet();
            close(client);
            close(upstream);
          }
        });
  }

  /** The request for the server: it answers this one alone, uncompressed. */
  private static String forwarded(String head, boolean upgrade) {
    var kept = new StringBuilder();
    head.lines()
        .filter(line -> !line.isEmpty())
        .filter(line -> !line.toLowerCase(Locale.ROOT).startsWith("accept-encoding:"))
        .filter(line -> upgrade || !line.toLowerCase(Locale.ROOT).startsWith("connection:"))
        .forEach(line -> kept.append(line).append("\r\n"));
    return kept + (upgrade ? "" : "Connection: close\r\n") + "\r\n";
  }

  private static byte[] refusal(int status) {
    String reason =
        switch (status) {
          case 410 -> "Expired";
          case 429 -> "TooManyRequests";
          case 403 -> "Forbidden";
          default -> "InternalError";
        };
    String body =
        """
        {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"by the test","reason":"%s","code":%d}
        """
            .formatted(reason, status);
    return """
    HTTP/1.1 %d %s\r
    Content-Type: application/json\r
    Retry-After: 1\r
    Content-Length: %d\r
    Connection: close\r
    \r
    %s\
    """
        .formatted(status, reason, body.length(), body)
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** Reads up to the empty line after the headers; nothing if the client sent nothing. */
  private static String head(InputStream in) throws IOException {
    var head = new StringBuilder();
    while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        return "";
      }
      head.append((char) next);
    }
    return head.toString();
  }

  /** Adds a field that nobody knows to the metadata of every object in an answer. */
  private static void rewrite(InputStream in, OutputStream out) throws IOException {
    String head = head(in);
    byte[] body = in.readAllBytes();
    if (head.toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked")) {
      body = Chunks.join(body);
    }
    var text =
        new String(body, StandardCharsets.UTF_8)
            .replace("\"metadata\":{", "\"metadata\":{" + UNKNOWN)
            .replace(UNKNOWN + "}", UNKNOWN.substring(0, UNKNOWN.length() - 1) + "}");
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    var kept = new StringBuilder();
    head.lines()
        .filter(line -> !line.isEmpty())
        .filter(line -> !line.toLowerCase(Locale.ROOT).startsWith("transfer-encoding:"))
        .filter(line -> !line.toLowerCase(Locale.ROOT).startsWith("content-length:"))
        .forEach(line -> kept.append(line).append("\r\n"));
    kept.append("Content-Length: ").append(bytes.length).append("\r\n\r\n");
    out.write(kept.toString().getBytes(StandardCharsets.ISO_8859_1));
    out.write(bytes);
    out.flush();
  }

  private static void pump(Socket from, Socket to) {
    try {
      copy(from.getInputStream(), to.getOutputStream());
    } catch (IOException _) {
      close(to);
    }
  }

  private static void copy(InputStream in, OutputStream out) throws IOException {
    var buffer = new byte[BUFFER];
    for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
      out.write(buffer, 0, length);
      out.flush();
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException _) {
      // It is closed then.
    }
  }

  private static SSLContext context(Path certificate, Path key)
      throws GeneralSecurityException, IOException {
    var directory = Files.createTempDirectory("jilium-proxy");
    try {
      var store = directory.resolve("server.p12");
      Command.of("openssl", "pkcs12", "-export", "-passout", "pass:" + new String(PASSWORD))
          .with(List.of("-in", certificate.toString(), "-inkey", key.toString()))
          .with(List.of("-out", store.toString()))
          .run();
      var own = KeyStore.getInstance(store.toFile(), PASSWORD);
      var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(own, PASSWORD);
      var trusted = KeyStore.getInstance(KeyStore.getDefaultType());
      trusted.load(null, PASSWORD);
      try (var in = Files.newInputStream(certificate)) {
        for (var each :
            java.security.cert.CertificateFactory.getInstance("X.509").generateCertificates(in)) {
          trusted.setCertificateEntry("server-" + trusted.size(), each);
        }
      }
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      var context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } finally {
      Command.of("rm", "-rf", directory.toString()).run();
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    cut();
  }
}
