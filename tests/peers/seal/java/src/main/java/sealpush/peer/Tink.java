package sealpush.peer;

import com.google.crypto.tink.HybridDecrypt;
import com.google.crypto.tink.HybridEncrypt;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.Key;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.hybrid.HpkeParameters;
import com.google.crypto.tink.hybrid.HpkePrivateKey;
import com.google.crypto.tink.hybrid.HpkePublicKey;
import com.google.crypto.tink.hybrid.HybridConfig;
import com.google.crypto.tink.subtle.Ed25519Sign;
import com.google.crypto.tink.subtle.Ed25519Verify;
import com.google.crypto.tink.subtle.X25519;
import com.google.crypto.tink.util.Bytes;
import com.google.crypto.tink.util.SecretBytes;
import java.security.GeneralSecurityException;

/** What the protocol needs of Tink: HPKE without Tink's own prefix (RAW), and Ed25519. */
final class Tink {
  private static final HpkeParameters SUITE_1 = suite1();

  private Tink() {}

  private static HpkeParameters suite1() {
    try {
      HybridConfig.register();
      return HpkeParameters.builder()
          .setVariant(HpkeParameters.Variant.NO_PREFIX)
          .setKemId(HpkeParameters.KemId.DHKEM_X25519_HKDF_SHA256)
          .setKdfId(HpkeParameters.KdfId.HKDF_SHA256)
          .setAeadId(HpkeParameters.AeadId.CHACHA20_POLY1305)
          .build();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static <P> P primitive(Key key, Class<P> type) throws GeneralSecurityException {
    return KeysetHandle.newBuilder()
        .addEntry(KeysetHandle.importKey(key).withRandomId().makePrimary())
        .build()
        .getPrimitive(RegistryConfiguration.get(), type);
  }

  static byte[] publicOf(byte[] privateKey) throws GeneralSecurityException {
    return X25519.publicFromPrivate(privateKey);
  }

  /** The plaintext, or null. */
  static byte[] open(byte[] privateKey, byte[] encAndCiphertext, byte[] info) throws GeneralSecurityException {
    HpkePublicKey publicKey = HpkePublicKey.create(SUITE_1, Bytes.copyFrom(publicOf(privateKey)), null);
    SecretBytes secret = SecretBytes.copyFrom(privateKey, InsecureSecretKeyAccess.get());
    HybridDecrypt decrypt = primitive(HpkePrivateKey.create(publicKey, secret), HybridDecrypt.class);
    try {
      return decrypt.decrypt(encAndCiphertext, info);
    } catch (GeneralSecurityException e) {
      return null;
    }
  }

  static byte[] seal(byte[] publicKey, byte[] plaintext, byte[] info) throws GeneralSecurityException {
    HpkePublicKey key = HpkePublicKey.create(SUITE_1, Bytes.copyFrom(publicKey), null);
    return primitive(key, HybridEncrypt.class).encrypt(plaintext, info);
  }

  static byte[] sign(byte[] seed, byte[] message) throws GeneralSecurityException {
    return new Ed25519Sign(seed).sign(message);
  }

  static boolean verifies(byte[] publicKey, byte[] signature, byte[] message) {
    try {
      new Ed25519Verify(publicKey).verify(signature, message);
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
