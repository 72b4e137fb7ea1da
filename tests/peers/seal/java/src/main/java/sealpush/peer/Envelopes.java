package sealpush.peer;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Opens and seals envelopes. */
final class Envelopes {
  private static final int[] BUCKETS = {256, 512, 1024, 2048, 2688};

  private Envelopes() {}

  static JsonObject open(JsonObject vector) throws Refused, GeneralSecurityException {
    JsonObject device = vector.getAsJsonObject("device");
    byte[] bytes = Codec.decode(vector.get("envelope").getAsString());
    OuterForm.check(bytes, BUCKETS, 66);
    byte[] header = Arrays.copyOf(bytes, 18);
    byte[] subscription = Codec.idBytes(device.get("subscription").getAsString());
    byte[] info = Codec.concat(Codec.label("sealpush/1 content"), header, subscription);
    byte[] sealed = Arrays.copyOfRange(bytes, 18, bytes.length);
    long now = device.get("now_ms").getAsLong();

    byte[] used = null;
    byte[] plaintext = null;
    for (String key : keys(device, "private_key", "previous_private_keys", now, 30 * OuterForm.DAY)) {
      used = Codec.decode(key);
      plaintext = Tink.open(used, sealed, info);
      if (plaintext != null) {
        break;
      }
    }
    if (plaintext == null) {
      throw new Refused("hpke");
    }

    int provenance = plaintext[0] & 0xff;
    byte[] signature = Arrays.copyOfRange(plaintext, 1, 65);
    long sealedAt = ByteBuffer.wrap(plaintext).getLong(65);
    int end = 75 + (ByteBuffer.wrap(plaintext).getShort(73) & 0xffff);
    if (provenance > 1
        || end > plaintext.length
        || !Codec.isZero(Arrays.copyOfRange(plaintext, end, plaintext.length))
        || (provenance == 0 && !Codec.isZero(signature))) {
      throw new Refused("plaintext");
    }
    byte[] content = Arrays.copyOfRange(plaintext, 75, end);

    if (device.has("identity_key") != (provenance == 1)) {
      throw new Refused("provenance");
    }
    if (provenance == 1) {
      byte[] message = signedMessage(header, subscription, Tink.publicOf(used), sealedAt, content);
      boolean isSigned = false;
      for (String key : keys(device, "identity_key", "previous_identity_keys", now, 28 * OuterForm.DAY)) {
        isSigned |= Tink.verifies(Codec.decode(key), signature, message);
      }
      if (!isSigned) {
        throw new Refused("signature");
      }
    }
    if (!OuterForm.isTimely(sealedAt, now, 28 * OuterForm.DAY)) {
      throw new Refused("time");
    }
    String delivery = Codec.idText(Arrays.copyOfRange(header, 2, 18));
    if (device.has("seen") && device.getAsJsonArray("seen").contains(new JsonPrimitive(delivery))) {
      throw new Refused("seen");
    }
    return opens(content, provenance, sealedAt, delivery);
  }

  private static JsonObject opens(byte[] content, int provenance, long sealedAt, String delivery) {
    JsonObject opens = new JsonObject();
    opens.addProperty("content", Codec.encode(content));
    opens.addProperty("provenance", provenance == 1 ? "signed_by_sender" : "sealed_by_relay");
    opens.addProperty("sealed_at_ms", sealedAt);
    opens.addProperty("delivery", delivery);
    return opens;
  }

  private static byte[] signedMessage(byte[] header, byte[] subscription, byte[] key, long sealedAt, byte[] content) {
    return Codec.concat(
        Codec.label("sealpush/1 signature"), header, subscription, key, Codec.bigEndian(sealedAt), content);
  }

  /** The current key, and those replaced not longer ago than that. */
  private static List<String> keys(JsonObject device, String current, String previous, long now, long age) {
    List<String> keys = new ArrayList<>();
    keys.add(device.get(current).getAsString());
    JsonArray replaced = device.has(previous) ? device.getAsJsonArray(previous) : new JsonArray();
    for (JsonElement key : replaced) {
      if (now - key.getAsJsonObject().get("replaced_at_ms").getAsLong() <= age) {
        keys.add(key.getAsJsonObject().get("key").getAsString());
      }
    }
    return keys;
  }

  /** Seals the content of a vector anew, under a delivery id and an ephemeral key of its own. */
  static JsonObject seal(JsonObject vector) throws Refused, GeneralSecurityException {
    JsonObject device = vector.getAsJsonObject("device");
    JsonObject expected = vector.getAsJsonObject("opens");
    JsonElement seed = vector.getAsJsonObject("sealing").get("identity_private_key");
    byte[] delivery = new byte[16];
    new SecureRandom().nextBytes(delivery);
    byte[] header = Codec.concat(new byte[] {1, 1}, delivery);
    byte[] subscription = Codec.idBytes(device.get("subscription").getAsString());
    byte[] key = Codec.decode(device.get("public_key").getAsString());
    byte[] content = Codec.decode(expected.get("content").getAsString());
    long sealedAt = expected.get("sealed_at_ms").getAsLong();

    ByteBuffer plaintext = ByteBuffer.allocate(OuterForm.smallest(BUCKETS, 75 + content.length));
    if (seed != null) {
      byte[] message = signedMessage(header, subscription, key, sealedAt, content);
      plaintext.put((byte) 1).put(Tink.sign(Codec.decode(seed.getAsString()), message));
    }
    plaintext.position(65).putLong(sealedAt).putShort((short) content.length).put(content);
    byte[] info = Codec.concat(Codec.label("sealpush/1 content"), header, subscription);

    JsonObject sealed = new JsonObject();
    String signed = seed != null ? "signed" : "by the relay";
    sealed.addProperty("name", "Tink, " + content.length + " bytes, " + signed);
    sealed.add("device", device);
    byte[] envelope = Codec.concat(header, Tink.seal(key, plaintext.array(), info));
    sealed.addProperty("envelope", Codec.encode(envelope));
    sealed.add("opens", opens(content, seed != null ? 1 : 0, sealedAt, Codec.idText(delivery)));
    return sealed;
  }
}
