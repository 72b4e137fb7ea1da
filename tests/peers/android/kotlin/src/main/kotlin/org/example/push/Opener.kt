package org.example.push

import com.google.crypto.tink.HybridDecrypt
import com.google.crypto.tink.InsecureSecretKeyAccess
import com.google.crypto.tink.KeysetHandle
import com.google.crypto.tink.RegistryConfiguration
import com.google.crypto.tink.hybrid.HpkeParameters
import com.google.crypto.tink.hybrid.HpkePrivateKey
import com.google.crypto.tink.hybrid.HpkePublicKey
import com.google.crypto.tink.hybrid.HybridConfig
import com.google.crypto.tink.subtle.Ed25519Verify
import com.google.crypto.tink.subtle.X25519
import com.google.crypto.tink.util.Bytes
import com.google.crypto.tink.util.SecretBytes
import java.nio.ByteBuffer
import java.security.GeneralSecurityException
import java.util.Base64
import java.util.UUID

private const val DAY = 24 * 60 * 60 * 1000L
private val PLAINTEXT_SIZES = setOf(256, 512, 1024, 2048, 2688)

/** A key of 32 bytes. `replacedAt` is when a newer one took its place (unix milliseconds); null for the current one. */
class Key(val bytes: ByteArray, val replacedAt: Long? = null) {
    fun isTaken(now: Long, days: Int) = replacedAt == null || now - replacedAt <= days * DAY
}

/**
 * One subscription, and so one account. `remember` stores a delivery id for 30 days and says whether it was new; where it
 * cannot store, it throws. `identityKeys` is empty only for a server that said that it cannot seal.
 */
class Subscription(
    val id: UUID, val privateKeys: List<Key>, val identityKeys: List<Key>, val remember: (UUID) -> Boolean,
)

/** What came out. Where `isSigned` is false, show it as "sealed by the relay". */
class Opened(val content: ByteArray, val isSigned: Boolean, val sealedAt: Long, val delivery: UUID)

/** Why there is nothing to show; show the placeholder. */
open class Refused(why: String) : Exception(why)

/** It was opened before: a second copy, of which nothing is shown. */
class Seen : Refused("opening failed")

/** Opens envelopes of version 1, suite 1, in the order of docs/ENVELOPE.md. */
object Opener {
    private val suite: HpkeParameters by lazy {
        HybridConfig.register()
        HpkeParameters.builder().setVariant(HpkeParameters.Variant.NO_PREFIX)
            .setKemId(HpkeParameters.KemId.DHKEM_X25519_HKDF_SHA256)
            .setKdfId(HpkeParameters.KdfId.HKDF_SHA256).setAeadId(HpkeParameters.AeadId.CHACHA20_POLY1305).build()
    }

    fun open(text: String, subscription: Subscription, now: Long): Opened {
        val envelope = decode(text)
        if (envelope.isNotEmpty() && envelope[0] != 1.toByte()) throw Refused("unsupported version ${envelope[0].toUByte()}")
        if (envelope.size > 1 && envelope[1] != 1.toByte()) throw Refused("unsupported suite ${envelope[1].toUByte()}")
        if (envelope.size - 66 !in PLAINTEXT_SIZES) fail()
        val header = envelope.copyOf(18)
        val bound = header + bytes(subscription.id)
        val sealed = envelope.copyOfRange(18, envelope.size)
        val (key, plain) = subscription.privateKeys.filter { it.isTaken(now, 30) }.firstNotNullOfOrNull { key ->
            decrypt(key.bytes, sealed, label("content") + bound)?.let { key to it }
        } ?: fail()

        val end = 75 + (ByteBuffer.wrap(plain).getShort(73).toInt() and 0xffff)
        if (plain[0] !in 0..1 || end > plain.size || !isZero(plain, end, plain.size)) fail()
        val isSigned = plain[0] == 1.toByte()
        if (!isSigned && !isZero(plain, 1, 65)) fail()
        if (isSigned != subscription.identityKeys.isNotEmpty()) fail()
        val content = plain.copyOfRange(75, end)
        if (isSigned) {
            val publicKey = X25519.publicFromPrivate(key.bytes)
            val signed = label("signature") + bound + publicKey + plain.copyOfRange(65, 73) + content
            val signature = plain.copyOfRange(1, 65)
            if (subscription.identityKeys.none { it.isTaken(now, 28) && verifies(it.bytes, signature, signed) }) fail()
        }
        // The time is unsigned: a negative one is far in the future.
        val sealedAt = ByteBuffer.wrap(plain).getLong(65)
        if (sealedAt < 0 || now - sealedAt > 28 * DAY || sealedAt - now > 5 * 60 * 1000) fail()
        val delivery = ByteBuffer.wrap(header, 2, 16).let { UUID(it.long, it.long) }
        val isNew = try { subscription.remember(delivery) } catch (e: Exception) { fail() }
        if (!isNew) throw Seen()
        return Opened(content, isSigned, sealedAt, delivery)
    }

    /** One sentence for everything behind version and suite: whoever forges learns nothing. */
    private fun fail(): Nothing = throw Refused("opening failed")

    private fun decrypt(privateKey: ByteArray, sealed: ByteArray, info: ByteArray): ByteArray? {
        val publicKey = HpkePublicKey.create(suite, Bytes.copyFrom(X25519.publicFromPrivate(privateKey)), null)
        val key = HpkePrivateKey.create(publicKey, SecretBytes.copyFrom(privateKey, InsecureSecretKeyAccess.get()))
        val keys = KeysetHandle.newBuilder().addEntry(KeysetHandle.importKey(key).withRandomId().makePrimary()).build()
        val hpke = keys.getPrimitive(RegistryConfiguration.get(), HybridDecrypt::class.java)
        return try { hpke.decrypt(sealed, info) } catch (e: GeneralSecurityException) { null }
    }

    private fun verifies(identityKey: ByteArray, signature: ByteArray, signed: ByteArray) = try {
        Ed25519Verify(identityKey).verify(signature, signed)
        true
    } catch (e: GeneralSecurityException) { false }

    /** Strict, as the decoder is not: no padding, no white space, no stray bits. */
    private fun decode(text: String): ByteArray {
        val bytes = try { Base64.getUrlDecoder().decode(text) } catch (e: IllegalArgumentException) { fail() }
        return if (Base64.getUrlEncoder().withoutPadding().encodeToString(bytes) == text) bytes else fail()
    }

    private fun label(use: String) = "sealpush/1 $use\u0000".toByteArray()
    private fun bytes(id: UUID) =
        ByteBuffer.allocate(16).putLong(id.mostSignificantBits).putLong(id.leastSignificantBits).array()
    private fun isZero(of: ByteArray, from: Int, to: Int) = (from until to).all { of[it] == 0.toByte() }
}
