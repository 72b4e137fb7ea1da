package sealpush.peer;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Does with every vector of the seal crate what the vector says, on Tink, then seals for the crate.
 *
 * <p>Arguments: the directory of the vectors, and the file for what this seals. Owns a further reading of the protocol,
 * written from its text. Must not call anything of the project.
 */
public final class Check {
  private static int failures;

  private Check() {}

  private interface Opening {
    JsonElement open(JsonObject vector) throws Exception;
  }

  private interface Rule {
    boolean isRight(JsonObject vector) throws Exception;
  }

  public static void main(String[] arguments) throws Exception {
    Path vectors = Path.of(arguments[0]);
    List<JsonObject> envelopes = load(vectors.resolve("envelopes.json"));
    List<JsonObject> registrations = load(vectors.resolve("registrations.json"));
    report("envelopes", envelopes, vector -> outcome(Envelopes::open, vector).equals(expected(vector)));
    report("sealed registrations, up to the members inside", registrations, Check::registrationIsRight);
    report(
        "published keys",
        load(vectors.resolve("published_keys.json")),
        vector -> Keys.published(vector).equals(vector.get("result").getAsString()));
    List<JsonObject> keys = load(vectors.resolve("public_keys.json"));
    keys.removeIf(vector -> !vector.get("curve").getAsString().equals("x25519"));
    report(
        "public keys (X25519)",
        keys,
        vector -> Keys.x25519(vector.get("key").getAsString()).equals(vector.get("result").getAsString()));
    report("base64url", load(vectors.resolve("base64url.json")), Check::textIsRight);

    JsonObject sealed = new JsonObject();
    Predicate<JsonObject> isHonest =
        vector -> vector.has("sealing") && !vector.getAsJsonObject("device").has("previous_private_keys");
    sealed.add("envelopes", sealAll(envelopes, isHonest, Envelopes::seal));
    sealed.add("registrations", sealAll(registrations, vector -> vector.has("opens"), Registrations::seal));
    Files.writeString(Path.of(arguments[1]), sealed.toString());
    System.exit(failures == 0 ? 0 : 1);
  }

  private static boolean registrationIsRight(JsonObject vector) throws Exception {
    JsonObject result = outcome(Registrations::open, vector);
    JsonObject expected = expected(vector);
    if (expected.has("check") && expected.get("check").getAsString().equals("plaintext")) {
      // The members' own rules are not looked at here, but HPKE must have opened.
      return !result.has("check") || Set.of("plaintext", "time").contains(result.get("check").getAsString());
    }
    return result.equals(expected);
  }

  private static boolean textIsRight(JsonObject vector) {
    try {
      String bytes = Codec.hex(Codec.decode(vector.get("text").getAsString()));
      return vector.has("bytes") && bytes.equals(vector.get("bytes").getAsString());
    } catch (Refused e) {
      return !vector.has("bytes");
    }
  }

  private static List<JsonObject> load(Path file) throws Exception {
    List<JsonObject> vectors = new ArrayList<>();
    for (JsonElement vector : JsonParser.parseString(Files.readString(file)).getAsJsonArray()) {
      vectors.add(vector.getAsJsonObject());
    }
    return vectors;
  }

  private static JsonArray sealAll(List<JsonObject> vectors, Predicate<JsonObject> which, Opening seal)
      throws Exception {
    JsonArray sealed = new JsonArray();
    for (JsonObject vector : vectors) {
      if (which.test(vector)) {
        sealed.add(seal.open(vector));
      }
    }
    return sealed;
  }

  private static JsonObject outcome(Opening opening, JsonObject vector) throws Exception {
    JsonObject outcome = new JsonObject();
    try {
      outcome.add("opens", opening.open(vector));
    } catch (Refused refused) {
      outcome.addProperty("check", refused.check);
      outcome.addProperty("value", refused.value);
    }
    return outcome;
  }

  private static JsonObject expected(JsonObject vector) {
    JsonObject expected = new JsonObject();
    if (vector.has("opens")) {
      expected.add("opens", vector.get("opens"));
    } else {
      JsonObject refused = vector.getAsJsonObject("refused");
      expected.add("check", refused.get("check"));
      expected.add("value", refused.get("value"));
    }
    return expected;
  }

  private static void report(String what, List<JsonObject> vectors, Rule rule) throws Exception {
    List<String> wrong = new ArrayList<>();
    for (JsonObject vector : vectors) {
      if (!rule.isRight(vector)) {
        wrong.add(vector.has("name") ? vector.get("name").getAsString() : vector.get("text").getAsString());
      }
    }
    failures += wrong.size();
    System.out.printf("Tink: %s: %d of %d%n", what, vectors.size() - wrong.size(), vectors.size());
    wrong.forEach(name -> System.out.println("  wrong: " + name));
  }
}
