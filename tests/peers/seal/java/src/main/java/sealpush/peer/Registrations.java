package sealpush.peer;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;

/** Opens and seals registrations, up to the members inside, whose rules are the relay's. */
final class Registrations {
  private static final int[] LENGTHS = {1024, 2048};

  private Registrations() {}

  static JsonObject open(JsonObject vector) throws Refused, GeneralSecurityException {
    byte[] bytes = Codec.decode(vector.get("sealed_registration").getAsString());
    OuterForm.check(bytes, LENGTHS, 58);
    byte[] prefix = Arrays.copyOf(bytes, 10);
    byte[] keyId = Arrays.copyOfRange(prefix, 2, 10);
    byte[] named = null;
    for (JsonElement key : vector.getAsJsonArray("registration_private_keys")) {
      byte[] privateKey = Codec.decode(key.getAsString());
      if (Arrays.equals(keyId, keyId(Tink.publicOf(privateKey)))) {
        named = privateKey;
      }
    }
    if (named == null) {
      throw new Refused("key_id", Codec.hex(keyId));
    }
    byte[] plaintext = Tink.open(named, Arrays.copyOfRange(bytes, 10, bytes.length), info(prefix, vector));
    if (plaintext == null) {
      throw new Refused("hpke");
    }
    JsonObject members = members(plaintext);
    long now = vector.get("now_ms").getAsLong();
    if (!isTimely(members.get("created_at"), now)) {
      throw new Refused("time", String.valueOf(now));
    }
    return members;
  }

  private static JsonObject members(byte[] plaintext) throws Refused {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(plaintext)).toString();
      JsonReader reader = new JsonReader(new StringReader(text));
      reader.setStrictness(Strictness.STRICT);
      if (text.startsWith("{") && text.matches("(?s).*\\} *")) {
        return JsonParser.parseReader(reader).getAsJsonObject();
      }
    } catch (CharacterCodingException | JsonParseException e) {
      throw new Refused("plaintext");
    }
    throw new Refused("plaintext");
  }

  private static boolean isTimely(JsonElement createdAt, long now) {
    try {
      return createdAt == null
          || OuterForm.isTimely(Instant.parse(createdAt.getAsString()).toEpochMilli(), now, OuterForm.DAY);
    } catch (DateTimeParseException e) {
      return true;
    }
  }

  private static byte[] keyId(byte[] publicKey) throws GeneralSecurityException {
    return Arrays.copyOf(MessageDigest.getInstance("SHA-256").digest(publicKey), 8);
  }

  private static byte[] info(byte[] prefix, JsonObject vector) {
    byte[] sender = Codec.idBytes(vector.get("sender").getAsString());
    return Codec.concat(Codec.label("sealpush/1 registration"), prefix, sender);
  }

  /** Seals the members of a vector anew, to the relay's current key. */
  static JsonObject seal(JsonObject vector) throws Refused, GeneralSecurityException {
    JsonElement current = vector.getAsJsonArray("registration_private_keys").get(0);
    byte[] key = Tink.publicOf(Codec.decode(current.getAsString()));
    byte[] prefix = Codec.concat(new byte[] {1, 1}, keyId(key));
    byte[] text = vector.get("opens").toString().getBytes(StandardCharsets.UTF_8);
    byte[] plaintext = Arrays.copyOf(text, OuterForm.smallest(LENGTHS, text.length));
    Arrays.fill(plaintext, text.length, plaintext.length, (byte) ' ');

    JsonObject sealed = new JsonObject();
    sealed.addProperty("name", "Tink, " + vector.get("name").getAsString());
    for (String kept : new String[] {"now_ms", "sender", "registration_private_keys", "opens"}) {
      sealed.add(kept, vector.get(kept));
    }
    byte[] bytes = Codec.concat(prefix, Tink.seal(key, plaintext, info(prefix, vector)));
    sealed.addProperty("sealed_registration", Codec.encode(bytes));
    return sealed;
  }
}
