package sealpush.peer;

import com.eatthepath.pushy.apns.server.RejectionReason;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import sealpush.peer.Relay.Device;

/**
 * Sends through the relay to pushy's servers, and holds outcomes and requests against docs/API.md and docs/ENVELOPE.md.
 *
 * <p>Arguments: the built program, a folder for its files, the envelopes of the seal crate's vectors.
 */
public final class Check {
  private static final String TOPIC = "org.example.chat";
  private static final String OTHER_TOPIC = "org.example.other";
  private static final String TEAM = "PUSHYTEAM1";
  private static final String KEY_ID = "PUSHYKEY01";
  private static final String STRANGER_KEY_ID = "PUSHYKEY02";
  private static final String OTHER_KEY_ID = "PUSHYKEY03";
  private static final SecureRandom RANDOM = new SecureRandom();
  private static int passed;
  private static int failed;

  private final Apns production;
  private final Apns sandbox;
  private final Relay relay;
  private final KeyPair strangersKey = Keys.signing();
  private final KeyPair othersKey = Keys.signing();
  private final Path envelopes;

  private interface Body {
    void run() throws Exception;
  }

  interface Condition {
    boolean holds() throws Exception;
  }

  private Check(String program, Path folder, Path envelopes) throws Exception {
    this.envelopes = envelopes;
    relay = new Relay(program, folder);
    KeyStore.PrivateKeyEntry server = Keys.server(folder);
    X509Certificate certificate = (X509Certificate) server.getCertificate();
    relay.write("ca.pem", Keys.pem(certificate));
    production = new Apns(certificate, Keys.pair(server));
    sandbox = new Apns(certificate, Keys.pair(server));
    KeyPair key = Keys.signing();
    for (Apns apns : List.of(production, sandbox)) {
      apns.addKey(KEY_ID, TEAM, (ECPublicKey) key.getPublic(), TOPIC, TOPIC + ".voip");
      // A key that may push to one topic, which is not the one that the relay's config names for it.
      apns.addKey(OTHER_KEY_ID, TEAM, (ECPublicKey) othersKey.getPublic(), TOPIC);
    }
    relay.writeApp("chat", TEAM, KEY_ID, Keys.pem(key.getPrivate()), TOPIC);
    relay.writeApp("stranger", TEAM, STRANGER_KEY_ID, Keys.pem(strangersKey.getPrivate()), TOPIC);
    relay.writeApp("other", TEAM, OTHER_KEY_ID, Keys.pem(othersKey.getPrivate()), OTHER_TOPIC);
    byte[] storageKey = new byte[32];
    RANDOM.nextBytes(storageKey);
    relay.start(
        production.url(), sandbox.url(), Base64.getUrlEncoder().withoutPadding().encodeToString(storageKey));
  }

  public static void main(String[] arguments) throws Exception {
    Check check = new Check(arguments[0], Path.of(arguments[1]), Path.of(arguments[2]));
    try (Relay running = check.relay) {
      check.accepted();
      check.refused();
      check.passing();
      check.held();
      check.connections();
    }
    check.production.stop();
    check.sandbox.stop();
    System.out.printf("%d checks passed, %d failed%n", passed, failed);
    System.exit(failed == 0 ? 0 : 1);
  }

  /** What pushy's validating handler takes. */
  private void accepted() {
    check("an alert is accepted with the placeholder, the reference and a delivery id of its own", () -> {
      Device device = device("chat", "production");
      String reference = "r-81a7c3";
      equal("accepted omitted", sendTo(device, target -> target.addProperty("reference", reference)));
      Apns.Request request = only(production.requestsTo(device.token()));
      JsonObject payload = request.payload();
      equal("{\"alert\":\"New notification\",\"mutable-content\":1}", payload.get("aps").toString());
      equal(Set.of("aps", "form", "delivery", "reference"), payload.keySet());
      equal(reference, payload.get("reference").getAsString());
      equal(payload.get("delivery").getAsString(), request.header("apns-id"));
      equal(List.of(TOPIC, "alert", "10"), headers(request, "apns-topic", "apns-push-type", "apns-priority"));
      long ttl = Long.parseLong(request.header("apns-expiration")) - Instant.now().getEpochSecond();
      holds(ttl > 86_300 && ttl <= 86_400, "an expiration of a day from now, and not " + ttl + " s");
    });
    for (JsonElement envelope : oneOfEachSize()) {
      String text = envelope.getAsString();
      check("an envelope of " + text.length() + " characters is accepted as it is", () -> {
        Device device = device("chat", "production");
        equal("accepted sealed_by_sender", sendTo(device, target -> target.add("envelope", envelope)));
        Apns.Request request = only(production.requestsTo(device.token()));
        equal(text, request.payload().get("seal").getAsString());
        equal(Set.of("aps", "seal"), request.payload().keySet());
        byte[] bytes = Base64.getUrlDecoder().decode(text);
        ByteBuffer delivery = ByteBuffer.wrap(bytes, 2, 16);
        equal(new UUID(delivery.getLong(), delivery.getLong()).toString(), request.header("apns-id"));
      });
    }
    check("badge and sound go out where the app allows them", () -> {
      Device device = device("chat", "production");
      equal("accepted omitted", sendTo(device, target -> {
        target.addProperty("badge", 3);
        target.addProperty("sound", "default");
      }));
      JsonObject aps = only(production.requestsTo(device.token())).payload().getAsJsonObject("aps");
      equal(Set.of("alert", "mutable-content", "badge", "sound"), aps.keySet());
    });
    check("a background push is accepted under its type, at priority 5", () -> {
      Device device = device("chat", "production");
      equal("accepted omitted", send(device, notification -> notification.addProperty("kind", "background")));
      Apns.Request request = only(production.requestsTo(device.token()));
      equal(List.of("background", "5"), headers(request, "apns-push-type", "apns-priority"));
      equal("{\"content-available\":1}", request.payload().get("aps").toString());
    });
    check("a call is accepted under the topic of PushKit", () -> {
      String token = token();
      production.addToken(TOPIC + ".voip", token);
      Device device = relay.device("chat", token, "production", "voip");
      equal("accepted omitted", send(device, notification -> notification.addProperty("kind", "voip")));
      Apns.Request request = only(production.requestsTo(token));
      equal(
          List.of(TOPIC + ".voip", "voip", "10"),
          headers(request, "apns-topic", "apns-push-type", "apns-priority"));
    });
    // pushy knows no priority 1; so `very-low` is left to the simulator.
    Map<String, String> priorities = new TreeMap<>(Map.of("low", "5", "normal", "5", "high", "10"));
    priorities.forEach((urgency, priority) -> check("urgency " + urgency + " is priority " + priority, () -> {
      Device device = device("chat", "production");
      equal("accepted omitted", send(device, notification -> notification.addProperty("urgency", urgency)));
      equal(priority, only(production.requestsTo(device.token())).header("apns-priority"));
    }));
    check("a collapse key is hidden, the same every time, and another for every subscription", () -> {
      Device first = device("chat", "production");
      Device second = device("chat", "production");
      for (Device device : List.of(first, first, second)) {
        equal("accepted omitted", send(device, one -> one.addProperty("collapse_key", "room-42")));
      }
      List<String> ids =
          production.requests(request -> Set.of(first.token(), second.token()).contains(request.deviceToken()))
              .stream().map(request -> request.header("apns-collapse-id")).toList();
      holds(ids.get(0).matches("[A-Za-z0-9_-]{32}"), "32 characters of base64url, and not " + ids.get(0));
      holds(ids.get(0).equals(ids.get(1)) && !ids.get(0).equals(ids.get(2)), "one id for each subscription: " + ids);
    });
    check("a device of the sandbox is reached there", () -> {
      Device device = device("chat", "sandbox");
      equal("accepted omitted", send(device));
      equal(1, sandbox.requestsTo(device.token()).size());
      equal(0, production.requestsTo(device.token()).size());
    });
    check("a token that was registered for the wrong environment is found in the other, and remembered there", () -> {
      String token = token();
      sandbox.addToken(TOPIC, token);
      production.addToken(TOPIC, token);
      production.refuse(token, RejectionReason.BAD_DEVICE_TOKEN);
      Device device = relay.device("chat", token, "production", "standard");
      equal("accepted omitted", send(device));
      eventually("the environment is remembered", Duration.ofSeconds(10), () -> {
        int asked = production.requestsTo(token).size();
        equal("accepted omitted", send(device));
        return production.requestsTo(token).size() == asked;
      });
    });
  }

  /** What ends a delivery. */
  private void refused() {
    check("a malformed token is not this app's, in neither environment", () -> {
      Device device = relay.device("chat", "ab".repeat(31), "production", "standard");
      equal("rejected token_not_for_app", send(device));
      for (Apns apns : List.of(production, sandbox)) {
        equal(RejectionReason.BAD_DEVICE_TOKEN, only(apns.requestsTo(device.token())).refusal());
      }
      holds(relay.isRegistered(device), "the registration stays");
    });
    check("a token of another topic is not this app's, and stays registered", () -> {
      Device device = relay.device("chat", token(), "production", "standard");
      equal("rejected token_not_for_app", send(device));
      equal(
          RejectionReason.DEVICE_TOKEN_NOT_FOR_TOPIC, only(production.requestsTo(device.token())).refusal());
      holds(relay.isRegistered(device), "the registration stays");
    });
    check("a token that died after it was registered is gone with its registration", () -> {
      Device device = device("chat", "production");
      production.kill(device.token(), Instant.now().plusMillis(5));
      Thread.sleep(10);
      equal("gone Unregistered", send(device));
      eventually("it is retired", Duration.ofSeconds(10), () -> !relay.isRegistered(device));
      holds(send(device).startsWith("gone "), "the subscription ended with it");
      equal(1, production.requestsTo(device.token()).size());
    });
    check("a token that was registered after it died is not retired", () -> {
      String token = token();
      production.addToken(TOPIC, token);
      production.kill(token, Instant.now().minusSeconds(60));
      Device device = relay.device("chat", token, "production", "standard");
      equal("rejected Unregistered", send(device));
      holds(relay.isRegistered(device), "the registration stays");
      production.revive(token);
      equal("accepted omitted", send(device));
    });
    // A 410 without a time says nothing about now: pushy sends one where a check asks for the bare reason.
    rejected(RejectionReason.UNREGISTERED, "Unregistered");
    rejected(RejectionReason.PAYLOAD_TOO_LARGE, "PayloadTooLarge");
    rejected(RejectionReason.BAD_COLLAPSE_ID, "BadCollapseId");
    rejected(RejectionReason.BAD_EXPIRATION_DATE, "BadExpirationDate");
    rejected(RejectionReason.BAD_MESSAGE_ID, "BadMessageId");
    rejected(RejectionReason.BAD_PRIORITY, "BadPriority");
    rejected(RejectionReason.DUPLICATE_HEADERS, "DuplicateHeaders");
    rejected(RejectionReason.INVALID_PUSH_TYPE, "InvalidPushType");
    rejected(RejectionReason.MISSING_DEVICE_TOKEN, "MissingDeviceToken");
    rejected(RejectionReason.PAYLOAD_EMPTY, "PayloadEmpty");
    rejected(RejectionReason.BAD_PATH, "BadPath");
    rejected(RejectionReason.METHOD_NOT_ALLOWED, "MethodNotAllowed");
  }

  private void rejected(RejectionReason wish, String reason) {
    check(reason + " rejects this one delivery and costs nothing else", () -> {
      Device device = device("chat", "production");
      production.refuse(device.token(), wish);
      equal("rejected " + reason, send(device));
      holds(relay.isRegistered(device), "the registration stays");
      equal("accepted omitted", send(device));
    });
  }

  /** What the relay gets over by itself. */
  private void passing() {
    for (RejectionReason wish :
        List.of(
            RejectionReason.EXPIRED_PROVIDER_TOKEN,
            RejectionReason.INVALID_PROVIDER_TOKEN,
            RejectionReason.IDLE_TIMEOUT)) {
      check("after one " + wish + " the push is accepted on another connection", () -> {
        Device device = device("chat", "production");
        production.refuse(device.token(), wish);
        equal("accepted omitted", send(device));
        List<Apns.Request> requests = production.requestsTo(device.token());
        equal(2, requests.size());
        equal(requests.get(0).header("apns-id"), requests.get(1).header("apns-id"));
        holds(requests.get(0).connection() != requests.get(1).connection(), "another connection");
      });
    }
    Map<RejectionReason, Device> devices = new EnumMap<>(RejectionReason.class);
    Map<RejectionReason, String> sent = new EnumMap<>(RejectionReason.class);
    List<RejectionReason> wishes =
        List.of(
            RejectionReason.SHUTDOWN,
            RejectionReason.SERVICE_UNAVAILABLE,
            RejectionReason.INTERNAL_SERVER_ERROR,
            RejectionReason.TOO_MANY_REQUESTS);
    // All at first, so that the relay's pauses run side by side.
    for (RejectionReason wish : wishes) {
      check("a push that meets " + wish + " is taken over by the relay", () -> {
        Device device = device("chat", "production");
        production.refuse(device.token(), wish);
        devices.put(wish, device);
        sent.put(wish, sendWithoutWaiting(device));
      });
    }
    for (RejectionReason wish : wishes) {
      check("after one " + wish + " the push is accepted later, under the same delivery id", () -> {
        isAccepted(sent.get(wish));
        List<Apns.Request> requests = production.requestsTo(devices.get(wish).token());
        equal(wish, requests.get(0).refusal());
        equal(requests.get(0).header("apns-id"), requests.get(requests.size() - 1).header("apns-id"));
      });
    }
  }

  /** Whose fault it is when a whole app is refused. */
  private void held() throws Exception {
    Device stranger = deviceOf("stranger", TOPIC);
    Device other = deviceOf("other", OTHER_TOPIC);
    String toStranger = sendWithoutWaiting(stranger);
    String toOther = sendWithoutWaiting(other);
    check("a key that APNs does not know holds its app, names it, and leaves the others alone", () -> {
      eventually(
          "the credential is held",
          Duration.ofSeconds(30),
          () -> relay.credential("stranger").equals("held InvalidProviderToken"));
      equal("pending omitted", outcome(relay.outcome(toStranger)));
      equal("usable", relay.credential("chat"));
      equal("accepted omitted", send(device("chat", "production")));
    });
    check("a topic that the key may not use holds its app, and costs no registration", () -> {
      eventually(
          "the credential is held", Duration.ofSeconds(30), () -> relay.credential("other").startsWith("held "));
      equal("pending omitted", outcome(relay.outcome(toOther)));
      holds(relay.isRegistered(other), "the registration stays");
    });
    for (Apns apns : List.of(production, sandbox)) {
      apns.addKey(STRANGER_KEY_ID, TEAM, (ECPublicKey) strangersKey.getPublic(), TOPIC);
      apns.addKey(OTHER_KEY_ID, TEAM, (ECPublicKey) othersKey.getPublic(), OTHER_TOPIC);
    }
    check("a held app goes on by itself once APNs knows its key", () -> {
      isAccepted(toStranger);
      equal("usable", relay.credential("stranger"));
    });
    check("a held app goes on by itself once its key may use the topic", () -> {
      isAccepted(toOther);
      equal("usable", relay.credential("other"));
    });
  }

  /** Many at once, and the end of connections. */
  private void connections() {
    check("two hundred at once go out side by side on few connections", () -> {
      Device device = device("chat", "production");
      equal("accepted omitted", send(device));
      JsonObject notification = notification(notificationId(), device, true);
      for (int number = 1; number < 200; number++) {
        JsonObject target = new JsonObject();
        target.addProperty("subscription", relay.subscribe(device.registration(), device.credential()));
        notification.getAsJsonArray("targets").add(target);
      }
      Set<String> outcomes = new HashSet<>();
      relay.send(notification).forEach(target -> outcomes.add(outcome(target.getAsJsonObject())));
      equal(Set.of("accepted omitted"), outcomes);
      List<Apns.Request> requests = production.requestsTo(device.token());
      equal(201, requests.size());
      equal(201L, requests.stream().map(request -> request.header("apns-id")).distinct().count());
      long used = requests.stream().map(Apns.Request::connection).distinct().count();
      holds(used <= 8, "few connections, and not " + used);
    });
    check("one provider token serves every connection of the team", () -> {
      List<Apns.Request> requests = production.requests(request -> request.deviceToken().length() == 64);
      long tokens =
          requests.stream()
              .filter(request -> TOPIC.equals(request.header("apns-topic")))
              .map(request -> request.header(Apns.SENT_TOKEN))
              .filter(authorization -> kid(authorization).equals(KEY_ID))
              .distinct()
              .count();
      // One at the start; one more may follow the ExpiredProviderToken that a check provoked.
      holds(tokens <= 2, "at most two provider tokens, and not " + tokens);
    });
    check("after the server ended, the next push goes out on a new connection", () -> {
      Device device = device("chat", "production");
      equal("accepted omitted", send(device));
      production.stop();
      production.start();
      isAccepted(sendWithoutWaiting(device));
      List<Apns.Request> requests = production.requestsTo(device.token());
      holds(requests.get(0).connection() != requests.get(1).connection(), "another connection");
    });
  }

  private static String kid(String authorization) {
    String header = authorization.substring("bearer ".length()).split("\\.")[0];
    byte[] json = Base64.getUrlDecoder().decode(header);
    return JsonParser.parseString(new String(json)).getAsJsonObject().get("kid").getAsString();
  }

  /** A device that APNs knows, of an app at the relay. */
  private Device device(String app, String environment) throws Exception {
    String token = token();
    (environment.equals("sandbox") ? sandbox : production).addToken(TOPIC, token);
    return relay.device(app, token, environment, "standard");
  }

  /** A device of an app that pushes under this topic. */
  private Device deviceOf(String app, String topic) throws Exception {
    String token = token();
    production.addToken(topic, token);
    return relay.device(app, token, "production", "standard");
  }

  private static String token() {
    byte[] bytes = new byte[32];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private interface Change {
    void to(JsonObject object);
  }

  private String send(Device device) throws Exception {
    return send(device, notification -> {});
  }

  /** Sends an alert without content, changed; its outcome, with the form or the reason. */
  private String send(Device device, Change change) throws Exception {
    JsonObject notification = notification(notificationId(), device, true);
    change.to(notification);
    return outcome(relay.send(notification));
  }

  private String sendTo(Device device, Change change) throws Exception {
    return send(device, one -> change.to(one.getAsJsonArray("targets").get(0).getAsJsonObject()));
  }

  private String sendWithoutWaiting(Device device) throws Exception {
    String id = notificationId();
    equal("pending omitted", outcome(relay.send(notification(id, device, false))));
    return id;
  }

  private void isAccepted(String notification) throws Exception {
    eventually(
        "it is accepted", Duration.ofMinutes(3), () -> {
          String outcome = outcome(relay.outcome(notification));
          holds(Set.of("pending omitted", "accepted omitted").contains(outcome), "accepted, and not " + outcome);
          return outcome.startsWith("accepted");
        });
  }

  private static JsonObject notification(String id, Device device, boolean waits) {
    JsonObject target = new JsonObject();
    target.addProperty("subscription", device.subscription());
    JsonArray targets = new JsonArray();
    targets.add(target);
    JsonObject notification = new JsonObject();
    notification.addProperty("id", id);
    notification.addProperty("wait", waits);
    notification.add("targets", targets);
    return notification;
  }

  private static String outcome(JsonArray targets) {
    return outcome(targets.get(0).getAsJsonObject());
  }

  private static String outcome(JsonObject target) {
    boolean named = target.has("reason") && !target.get("reason").isJsonNull();
    return target.get("outcome").getAsString() + " " + target.get(named ? "reason" : "form").getAsString();
  }

  /** RFC 9562 section 5.7: 48 bits of milliseconds, then the version, then random bits. */
  private static String notificationId() {
    long high = Instant.now().toEpochMilli() << 16 | 0x7000 | RANDOM.nextInt(0x1000);
    long low = RANDOM.nextLong() >>> 2 | 0x8000_0000_0000_0000L;
    return new UUID(high, low).toString();
  }

  /** An envelope of each size out of the vectors; to the relay any is as good as another. */
  private List<JsonElement> oneOfEachSize() {
    try {
      Map<Integer, JsonElement> bySize = new TreeMap<>();
      for (JsonElement vector : JsonParser.parseString(Files.readString(envelopes)).getAsJsonArray()) {
        if (vector.getAsJsonObject().has("opens")) {
          JsonElement envelope = vector.getAsJsonObject().get("envelope");
          bySize.put(envelope.getAsString().length(), envelope);
        }
      }
      return List.copyOf(bySize.values());
    } catch (java.io.IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> headers(Apns.Request request, String... names) {
    return java.util.Arrays.stream(names).map(request::header).toList();
  }

  private static <T> T only(List<T> list) {
    equal(1, list.size());
    return list.get(0);
  }

  private static void equal(Object expected, Object found) {
    holds(Objects.equals(expected, found), expected + ", and not " + found);
  }

  private static void holds(boolean condition, String expected) {
    if (!condition) {
      throw new AssertionError("expected " + expected);
    }
  }

  /** Asks until it holds. */
  static void eventually(String what, Duration limit, Condition condition) throws Exception {
    Instant end = Instant.now().plus(limit);
    while (!condition.holds()) {
      holds(Instant.now().isBefore(end), what + " within " + limit.toSeconds() + " s");
      Thread.sleep(100);
    }
  }

  private static void check(String sentence, Body body) {
    try {
      body.run();
      passed++;
      System.out.println("ok: pushy: " + sentence);
    } catch (Exception | AssertionError e) {
      failed++;
      System.out.println("not ok: pushy: " + sentence + ": " + e);
    }
  }
}
