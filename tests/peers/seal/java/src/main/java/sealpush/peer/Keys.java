package sealpush.peer;

import com.google.gson.JsonObject;
import java.math.BigInteger;
import java.security.GeneralSecurityException;

/** Public keys and published keys. */
final class Keys {
  private static final BigInteger PRIME = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));

  private Keys() {}

  /** That Tink does not seal to it is how it tells a point of low order. */
  static String x25519(String text) {
    byte[] key;
    try {
      key = Codec.decode(text);
    } catch (Refused e) {
      return "encoding";
    }
    if (key.length != 32) {
      return "length";
    }
    byte[] bigEndian = new byte[32];
    for (int at = 0; at < 32; at++) {
      bigEndian[at] = key[31 - at];
    }
    if (new BigInteger(1, bigEndian).compareTo(PRIME) >= 0) {
      return "not_below_prime";
    }
    try {
      Tink.seal(key, new byte[1], new byte[1]);
      return "taken";
    } catch (GeneralSecurityException e) {
      return "low_order";
    }
  }

  static String published(JsonObject vector) throws Refused {
    if (!x25519(vector.get("key").getAsString()).equals("taken")) {
      return "key";
    }
    long from = vector.get("valid_from_ms").getAsLong();
    long until = vector.get("valid_until_ms").getAsLong();
    byte[] message =
        Codec.concat(
            Codec.label("sealpush/1 registration key"),
            Codec.decode(vector.get("key").getAsString()),
            Codec.bigEndian(from),
            Codec.bigEndian(until));
    byte[] longTerm = Codec.decode(vector.get("long_term_key").getAsString());
    if (!Tink.verifies(longTerm, Codec.decode(vector.get("signature").getAsString()), message)) {
      return "signature";
    }
    long now = vector.get("now_ms").getAsLong();
    return from <= now && now <= until ? "taken" : "time";
  }
}
