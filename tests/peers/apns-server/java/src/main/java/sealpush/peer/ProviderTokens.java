package sealpush.peer;

import com.eatthepath.pushy.apns.server.RejectedNotificationException;
import com.eatthepath.pushy.apns.server.RejectionReason;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Base64;

/**
 * The signature of a provider token, from the form of RFC 7518 section 3.4 (r and s side by side), which is Apple's and the
 * relay's, to DER, which is all that pushy's handler verifies. The numbers stay as they are, and pushy judges them.
 */
final class ProviderTokens {
  private static final String PREFIX = "bearer ";
  private static final int HALF = 32;

  private ProviderTokens() {}

  static void asPushyReadsThem(Http2Headers headers) throws RejectedNotificationException {
    CharSequence value = headers.get("authorization");
    if (value == null) {
      return;
    }
    String[] parts = value.toString().split("\\.", -1);
    if (!value.toString().startsWith(PREFIX) || parts.length != 3) {
      throw new RejectedNotificationException(RejectionReason.INVALID_PROVIDER_TOKEN);
    }
    byte[] signature = Base64.getUrlDecoder().decode(parts[2]);
    boolean isPlain = Base64.getUrlEncoder().withoutPadding().encodeToString(signature).equals(parts[2]);
    if (signature.length != 2 * HALF || !isPlain) {
      throw new RejectedNotificationException(RejectionReason.INVALID_PROVIDER_TOKEN);
    }
    String der = Base64.getUrlEncoder().withoutPadding().encodeToString(der(signature));
    headers.set("authorization", parts[0] + "." + parts[1] + "." + der);
  }

  private static byte[] der(byte[] signature) {
    ByteArrayOutputStream numbers = new ByteArrayOutputStream();
    for (byte[] half : new byte[][] {Arrays.copyOf(signature, HALF), Arrays.copyOfRange(signature, HALF, 2 * HALF)}) {
      byte[] number = new BigInteger(1, half).toByteArray();
      numbers.write(0x02);
      numbers.write(number.length);
      numbers.writeBytes(number);
    }
    ByteArrayOutputStream sequence = new ByteArrayOutputStream();
    sequence.write(0x30);
    sequence.write(numbers.size());
    sequence.writeBytes(numbers.toByteArray());
    return sequence.toByteArray();
  }
}
