package sealpush.peer;

import com.eatthepath.pushy.apns.auth.ApnsVerificationKey;
import com.eatthepath.pushy.apns.server.MockApnsServer;
import com.eatthepath.pushy.apns.server.MockApnsServerBuilder;
import com.eatthepath.pushy.apns.server.MockApnsServerListener;
import com.eatthepath.pushy.apns.server.PushNotificationHandler;
import com.eatthepath.pushy.apns.server.RejectedNotificationException;
import com.eatthepath.pushy.apns.server.RejectionReason;
import com.eatthepath.pushy.apns.server.ValidatingPushNotificationHandlerFactory;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Headers;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import javax.net.ssl.SSLSession;

/**
 * One APNs host of pushy's.
 *
 * <p>Every request first goes to pushy's own validating handler, which judges keys, topics, tokens and headers by itself;
 * only one that it takes can be refused at the wish of a check. Owns the requests that came in and the connections they
 * came on.
 */
final class Apns implements MockApnsServerListener {
  /** A request, and the refusal that it got, or null. */
  record Request(int connection, Http2Headers headers, String body, RejectionReason refusal) {
    String header(String name) {
      CharSequence value = headers.get(name);
      return value == null ? null : value.toString();
    }

    JsonObject payload() {
      return JsonParser.parseString(body).getAsJsonObject();
    }

    String deviceToken() {
      String path = headers.path().toString();
      return path.substring(path.lastIndexOf('/') + 1);
    }
  }

  private static final int STREAMS = 100;
  /** Names the connection among the headers, which are all that pushy hands to a listener. */
  private static final String CONNECTION = "peer-connection";

  /** The provider token as it was sent; pushy is shown its signature in another form. */
  static final String SENT_TOKEN = "peer-sent-token";

  private final Map<String, Set<String>> tokensByTopic = new ConcurrentHashMap<>();
  private final Map<String, Instant> deathByToken = new ConcurrentHashMap<>();
  private final Map<String, ApnsVerificationKey> keysById = new ConcurrentHashMap<>();
  private final Map<ApnsVerificationKey, Set<String>> topicsByKey = new ConcurrentHashMap<>();
  private final Map<String, Deque<RejectionReason>> wishes = new ConcurrentHashMap<>();
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final AtomicInteger connections = new AtomicInteger();
  private final X509Certificate certificate;
  private final KeyPair key;
  private MockApnsServer server;
  private int port;

  Apns(X509Certificate certificate, KeyPair key) throws Exception {
    this.certificate = certificate;
    this.key = key;
    start();
  }

  /** Starts it, again on the port that it had. */
  void start() throws Exception {
    ValidatingPushNotificationHandlerFactory judges =
        new ValidatingPushNotificationHandlerFactory(tokensByTopic, deathByToken, keysById, topicsByKey);
    server =
        new MockApnsServerBuilder()
            .setServerCredentials(new X509Certificate[] {certificate}, key.getPrivate(), null)
            .setUseAlpn(true)
            .setMaxConcurrentStreams(STREAMS)
            .setHandlerFactory(session -> handler(judges, session))
            .setListener(this)
            .build();
    port = (Integer) server.start(port).get();
  }

  void stop() throws Exception {
    server.shutdown().get();
  }

  private PushNotificationHandler handler(ValidatingPushNotificationHandlerFactory judges, SSLSession session) {
    PushNotificationHandler judge = judges.buildHandler(session);
    int connection = connections.incrementAndGet();
    return (headers, body) -> {
      headers.setInt(CONNECTION, connection);
      headers.set(SENT_TOKEN, headers.get("authorization", ""));
      ProviderTokens.asPushyReadsThem(headers);
      judge.handlePushNotification(headers, body);
      String path = headers.path().toString();
      Deque<RejectionReason> wished = wishes.get(path.substring(path.lastIndexOf('/') + 1));
      RejectionReason wish = wished == null ? null : wished.poll();
      if (wish != null) {
        throw new RejectedNotificationException(wish);
      }
    };
  }

  /** Refuses the next valid pushes to a device token, one by one, for these reasons. */
  void refuse(String token, RejectionReason... reasons) {
    wishes.put(token, new ArrayDeque<>(List.of(reasons)));
  }

  void addKey(String keyId, String teamId, ECPublicKey publicKey, String... topics) throws Exception {
    ApnsVerificationKey verification = new ApnsVerificationKey(keyId, teamId, publicKey);
    topicsByKey.put(verification, Set.of(topics));
    keysById.put(keyId, verification);
  }

  void addToken(String topic, String token) {
    tokensByTopic.computeIfAbsent(topic, any -> ConcurrentHashMap.newKeySet()).add(token);
  }

  void kill(String token, Instant at) {
    deathByToken.put(token, at);
  }

  void revive(String token) {
    deathByToken.remove(token);
  }

  String url() {
    return "https://localhost:" + port;
  }

  int connections() {
    return connections.get();
  }

  List<Request> requests(Predicate<Request> which) {
    return requests.stream().filter(which).toList();
  }

  List<Request> requestsTo(String token) {
    return requests(request -> request.deviceToken().equals(token));
  }

  @Override
  public void handlePushNotificationAccepted(Http2Headers headers, ByteBuf payload) {
    keep(headers, payload, null);
  }

  @Override
  public void handlePushNotificationRejected(
      Http2Headers headers, ByteBuf payload, RejectionReason reason, Instant deathOfToken) {
    keep(headers, payload, reason);
  }

  private void keep(Http2Headers headers, ByteBuf payload, RejectionReason refusal) {
    String body = payload == null ? "" : payload.toString(StandardCharsets.UTF_8);
    requests.add(new Request(headers.getInt(CONNECTION, 0), headers, body, refusal));
  }
}
