package sealpush.peer

import com.google.gson.JsonArray
import com.google.gson.JsonObject
import com.google.gson.JsonParser
import java.io.File
import java.util.Base64
import java.util.UUID
import kotlin.system.exitProcess
import org.example.push.Key
import org.example.push.Opened
import org.example.push.Opener
import org.example.push.Refused
import org.example.push.Subscription

/**
 * Does with every envelope of the seal crate's vectors what the vector says, through the opener that docs/APPS.md shows.
 *
 * Argument: the directory of the vectors. Owns no reading of the format: that is the opener's alone.
 */
fun main(arguments: Array<String>) {
    val vectors = JsonParser.parseString(File(arguments[0], "envelopes.json").readText()).asJsonArray.map { it.asJsonObject }
    val (honest, refused) = vectors.partition { it.has("opens") }
    val failures =
        report("opens", honest, ::opensAsItSays) +
            report("refuses", refused, ::isRefusedAsItSays) +
            report("opens once, and remembers nothing that it refused", honest, ::opensOnce)
    exitProcess(if (failures == 0) 0 else 1)
}

private fun report(what: String, vectors: List<JsonObject>, isRight: (JsonObject) -> Boolean): Int {
    val wrong = vectors.filterNot(isRight).map { it["name"].asString }
    wrong.forEach { println("  wrong: $it") }
    println("Kotlin opener, $what: ${vectors.size - wrong.size} of ${vectors.size}")
    return wrong.size
}

private fun opensAsItSays(vector: JsonObject): Boolean {
    val expected = vector.getAsJsonObject("opens")
    val opened = open(vector, seen(vector)) as? Opened ?: return false
    return encode(opened.content) == expected["content"].asString &&
        opened.isSigned == (expected["provenance"].asString == "signed_by_sender") &&
        opened.sealedAt == expected["sealed_at_ms"].asLong &&
        opened.delivery.toString() == expected["delivery"].asString
}

private fun isRefusedAsItSays(vector: JsonObject): Boolean {
    val expected = vector.getAsJsonObject("refused")
    val sentence = when (val error = expected["error"].asString) {
        "unsupported_version", "unsupported_suite" -> "${error.replace('_', ' ')} ${expected["value"].asString}"
        else -> error.replace('_', ' ')
    }
    val seen = seen(vector)
    val before = seen.toSet()
    return (open(vector, seen) as? Refused)?.message == sentence && seen == before
}

private fun opensOnce(vector: JsonObject): Boolean {
    val seen = seen(vector)
    return open(vector, seen) is Opened && (open(vector, seen) as? Refused)?.message == "opening failed"
}

private fun open(vector: JsonObject, seen: MutableSet<UUID>): Any {
    val device = vector.getAsJsonObject("device")
    val subscription = Subscription(
        UUID.fromString(device["subscription"].asString),
        keys(device, "private_key", "previous_private_keys"),
        keys(device, "identity_key", "previous_identity_keys"),
        seen::add,
    )
    return try {
        Opener.open(vector["envelope"].asString, subscription, device["now_ms"].asLong)
    } catch (refused: Refused) {
        refused
    }
}

private fun seen(vector: JsonObject): MutableSet<UUID> =
    (vector.getAsJsonObject("device")["seen"] ?: JsonArray()).asJsonArray.map { UUID.fromString(it.asString) }.toMutableSet()

private fun keys(device: JsonObject, current: String, previous: String): List<Key> {
    val now = listOfNotNull(device[current]).map { Key(decode(it.asString)) }
    val before = (device[previous] ?: JsonArray()).asJsonArray.map { it.asJsonObject }
    return now + before.map { Key(decode(it["key"].asString), it["replaced_at_ms"].asLong) }
}

private fun decode(text: String): ByteArray = Base64.getUrlDecoder().decode(text)

private fun encode(bytes: ByteArray): String = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes)
