package sealpush.peer;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.File;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** The built relay as a process of its own, and what senders, apps and its operator ask it over HTTP. */
final class Relay implements AutoCloseable {
  /** What an app holds of one device: its registration, and one subscription of the sender's. */
  record Device(String token, String registration, String credential, String subscription) {}

  private final Path folder;
  private final String program;
  private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final int port = freePort();
  private final int operatorPort = freePort();
  private Process process;
  private String sender;
  private String credential;

  Relay(String program, Path folder) throws Exception {
    this.program = program;
    this.folder = folder;
    Files.createDirectories(folder.resolve("apps"));
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  void write(String name, String text) throws Exception {
    Files.writeString(folder.resolve(name), text);
  }

  /** An app with an APNs key of its own. */
  void writeApp(String app, String teamId, String keyId, String keyPem, String topic) throws Exception {
    write(keyId + ".p8", keyPem);
    write(
        "apps/" + app + ".toml",
        """
        id = "%s"
        placeholder = "New notification"
        badge = true
        sound = true
        confirm = "off"

        [apns]
        team_id = "%s"
        key_id = "%s"
        key_file = "../%s.p8"
        topic = "%s"
        """
            .formatted(app, teamId, keyId, keyId, topic));
  }

  void start(String productionUrl, String sandboxUrl, String storageKey) throws Exception {
    write("storage.key", storageKey);
    write(
        "sealpush.toml",
        """
        [relay]
        name = "Relay before pushy"
        contact = "push@example.org"

        [listen]
        address = "127.0.0.1:%d"

        [operator]
        address = "127.0.0.1:%d"

        [storage]
        path = "sealpush.db"
        key_file = "storage.key"

        [push_services]
        apns_production_url = "%s"
        apns_sandbox_url = "%s"
        ca_file = "ca.pem"
        """
            .formatted(port, operatorPort, productionUrl, sandboxUrl));
    for (File file : folder.toFile().listFiles((any, name) -> name.endsWith(".key") || name.endsWith(".p8"))) {
      Files.setPosixFilePermissions(
          file.toPath(), java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
    }
    process = command("serve", "--config", config()).redirectErrorStream(true).redirectOutput(log()).start();
    Check.eventually("the relay answers; see " + log(), Duration.ofSeconds(30), this::answers);
    Process add = command("sender", "add", "pushy", "--json", "--config", config()).start();
    String added = new String(add.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    JsonObject made = JsonParser.parseString(added).getAsJsonObject();
    sender = made.get("id").getAsString();
    credential = made.get("credential").getAsString();
  }

  private boolean answers() throws Exception {
    if (!process.isAlive()) {
      throw new IllegalStateException("the relay ended: " + Files.readString(log().toPath()));
    }
    try {
      return get(port, "/healthz", null).statusCode() == 200;
    } catch (java.net.ConnectException notYet) {
      return false;
    }
  }

  private ProcessBuilder command(String... arguments) {
    List<String> command = new java.util.ArrayList<>(List.of(arguments));
    command.add(0, program);
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
  }

  private String config() {
    return folder.resolve("sealpush.toml").toString();
  }

  private File log() {
    return folder.resolve("relay.log").toFile();
  }

  /** Registers a device token, and subscribes the sender. */
  Device device(String app, String token, String environment, String kind) throws Exception {
    JsonObject registration = new JsonObject();
    registration.addProperty("app", app);
    registration.addProperty("push_service", "apns");
    registration.addProperty("environment", environment);
    registration.addProperty("device_token", token);
    registration.addProperty("token_kind", kind);
    JsonObject made = json(post("/v1/registrations", null, registration), 201);
    String id = made.get("registration").getAsString();
    String held = made.get("credential").getAsString();
    return new Device(token, id, held, subscribe(id, held));
  }

  /** One more subscription of the sender's. */
  String subscribe(String registration, String held) throws Exception {
    String subscription = UUID.randomUUID().toString();
    JsonObject body = new JsonObject();
    body.addProperty("subscription", subscription);
    body.addProperty("sender", sender);
    json(post("/v1/registrations/" + registration + "/subscriptions", held, body), 201);
    return subscription;
  }

  /** Sends, and gives back the targets of the answer, which is 200 where all of them are decided. */
  JsonArray send(JsonObject notification) throws Exception {
    HttpResponse<String> answer = post("/v1/notifications", credential, notification);
    if (answer.statusCode() != 200 && answer.statusCode() != 202) {
      throw new IllegalStateException(answer.statusCode() + " " + answer.body());
    }
    return JsonParser.parseString(answer.body()).getAsJsonObject().getAsJsonArray("targets");
  }

  /** How the only target of a notification stands. */
  JsonObject outcome(String notification) throws Exception {
    JsonObject known = json(get(port, "/v1/notifications/" + notification, credential), 200);
    return known.getAsJsonArray("targets").get(0).getAsJsonObject();
  }

  /** Whether the registration is still there. */
  boolean isRegistered(Device device) throws Exception {
    int status = get(port, "/v1/registrations/" + device.registration(), device.credential()).statusCode();
    if (status != 200 && status != 401) {
      throw new IllegalStateException("a registration is 200 or 401, not " + status);
    }
    return status == 200;
  }

  /** State and reason of an app's APNs credential, as the operator reads them. */
  String credential(String app) throws Exception {
    JsonObject ready = JsonParser.parseString(get(operatorPort, "/readyz", null).body()).getAsJsonObject();
    for (JsonElement element : ready.getAsJsonArray("credentials")) {
      JsonObject one = element.getAsJsonObject();
      if (one.get("app").getAsString().equals(app) && one.get("push_service").getAsString().equals("apns")) {
        boolean named = one.has("reason") && !one.get("reason").isJsonNull();
        return one.get("state").getAsString() + (named ? " " + one.get("reason").getAsString() : "");
      }
    }
    throw new IllegalStateException("no such app: " + app);
  }

  private HttpResponse<String> get(int at, String path, String bearer) throws Exception {
    return http.send(request(at, path, bearer).GET().build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> post(String path, String bearer, JsonObject body) throws Exception {
    HttpRequest.Builder request = request(port, path, bearer).header("content-type", "application/json");
    return http.send(request.POST(BodyPublishers.ofString(body.toString())).build(), BodyHandlers.ofString());
  }

  private static HttpRequest.Builder request(int at, String path, String bearer) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + at + path));
    request.timeout(Duration.ofSeconds(60));
    return bearer == null ? request : request.header("authorization", "Bearer " + bearer);
  }

  private static JsonObject json(HttpResponse<String> answer, int expected) {
    if (answer.statusCode() != expected) {
      throw new IllegalStateException(answer.statusCode() + " " + answer.body());
    }
    return JsonParser.parseString(answer.body()).getAsJsonObject();
  }

  @Override
  public void close() throws Exception {
    if (process != null) {
      process.destroy();
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
  }
}
