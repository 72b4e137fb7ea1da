"""Does with every vector of the seal crate what the vector says, on PyPI's `cryptography` alone, then seals for the crate.

Usage: check.py <directory of the vectors> <file for what this seals>

Owns a third reading of the protocol, written from its text. Must not call anything of the project.
"""

import base64
import hashlib
import json
import os
import re
import sys
import uuid
from datetime import datetime
from importlib.metadata import version

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
PRIME = 2**255 - 19
BUCKETS = (256, 512, 1024, 2048, 2688)
LENGTHS = (1024, 2048)
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Refused(Exception):
    """Carries the check that refuses, and the value that the error names."""

    def __init__(self, check, value=None):
        super().__init__(check)
        self.check, self.value = check, value


def encode(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decode(text):
    """Strict: Python's own decoder skips foreign characters and takes any trailing bits."""
    if not isinstance(text, str) or not re.fullmatch(r"[A-Za-z0-9_-]*", text) or len(text) % 4 == 1:
        raise Refused("text")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode(data) != text:
        raise Refused("text")
    return data


def hpke_open(private, enc_and_ciphertext, info):
    try:
        return SUITE.decrypt(enc_and_ciphertext, X25519PrivateKey.from_private_bytes(private), info)
    except (InvalidTag, ValueError):
        return None


def hpke_seal(public, plaintext, info):
    return SUITE.encrypt(plaintext, X25519PublicKey.from_public_bytes(public), info)


def verifies(public, signature, message):
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        return True
    except InvalidSignature:
        return False


def timely(at, now, age):
    return -5 * MINUTE <= now - at <= age


def outer_form(data, sizes):
    if data and data[0] != 1:
        raise Refused("version", str(data[0]))
    if len(data) > 1 and data[1] != 1:
        raise Refused("suite", str(data[1]))
    if len(data) not in sizes:
        raise Refused("size")


def open_envelope(device, text):
    data = decode(text)
    outer_form(data, [bucket + 66 for bucket in BUCKETS])
    now, header, subscription = device["now_ms"], data[:18], uuid.UUID(device["subscription"]).bytes
    info = b"sealpush/1 content\0" + header + subscription
    keys = [device["private_key"]] + [
        previous["key"]
        for previous in device.get("previous_private_keys", [])
        if now - previous["replaced_at_ms"] <= 30 * DAY
    ]
    for private in map(decode, keys):
        plaintext = hpke_open(private, data[18:], info)
        if plaintext is not None:
            break
    else:
        raise Refused("hpke")

    provenance, signature = plaintext[0], plaintext[1:65]
    sealed_at = int.from_bytes(plaintext[65:73], "big")
    length = int.from_bytes(plaintext[73:75], "big")
    content, padding = plaintext[75 : 75 + length], plaintext[75 + length :]
    if provenance > 1 or len(content) != length or any(padding) or (provenance == 0 and any(signature)):
        raise Refused("plaintext")

    identity = device.get("identity_key")
    if (identity is not None) != (provenance == 1):
        raise Refused("provenance")
    if provenance == 1:
        public = X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
        message = b"sealpush/1 signature\0" + header + subscription + public + plaintext[65:73] + content
        identities = [identity] + [
            previous["key"]
            for previous in device.get("previous_identity_keys", [])
            if now - previous["replaced_at_ms"] <= 28 * DAY
        ]
        if not any(verifies(decode(key), signature, message) for key in identities):
            raise Refused("signature")
    if not timely(sealed_at, now, 28 * DAY):
        raise Refused("time")
    delivery = str(uuid.UUID(bytes=header[2:]))
    if delivery in device.get("seen", []):
        raise Refused("seen")
    return {
        "content": encode(content),
        "provenance": "signed_by_sender" if provenance == 1 else "sealed_by_relay",
        "sealed_at_ms": sealed_at,
        "delivery": delivery,
    }


def once(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a repeated member")
    return members


def require(condition):
    if not condition:
        raise ValueError


def binary(text, length):
    require(isinstance(text, str) and len(decode(text)) == length)
    return decode(text)


def check_members(members):
    """The rules of the protocol for what is inside a registration."""
    require(isinstance(members, dict))
    required = {"app", "push_service", "device_token", "subscription", "registration", "secret_hash", "created_at"}
    optional = {"environment", "token_kind", "subscription_key"}
    require(required <= members.keys() <= required | optional)
    apns, web = members["push_service"] == "apns", members["push_service"] == "webpush"
    require(members["push_service"] in ("apns", "fcm", "webpush"))
    require(apns == ("environment" in members) and members.get("environment", "sandbox") in ("production", "sandbox"))
    require("token_kind" not in members or (apns and members["token_kind"] == "voip"))
    if web:
        token = members["device_token"]
        require(isinstance(token, dict) and token.keys() == {"endpoint", "p256dh", "auth"})
        binary(token["p256dh"], 65)
        binary(token["auth"], 16)
    else:
        require(isinstance(members["device_token"], str))
    for name in ("subscription", "registration"):
        value = uuid.UUID(members[name])
        require(str(value) == members[name] and value.version == 4)
    binary(members["secret_hash"], 32)
    if "subscription_key" in members:
        require(x25519_result(members["subscription_key"]) == "taken")
    created = members["created_at"]
    require(isinstance(created, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", created, re.ASCII))
    seconds = datetime.fromisoformat(created.replace("Z", "+00:00")).timestamp()
    require(seconds >= 0)
    return int(seconds) * 1000


def open_registration(vector):
    data = decode(vector["sealed_registration"])
    outer_form(data, [length + 58 for length in LENGTHS])
    for private in map(decode, vector["registration_private_keys"]):
        public = X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
        if hashlib.sha256(public).digest()[:8] == data[2:10]:
            break
    else:
        raise Refused("key_id", data[2:10].hex())
    info = b"sealpush/1 registration\0" + data[:10] + uuid.UUID(vector["sender"]).bytes
    plaintext = hpke_open(private, data[10:], info)
    if plaintext is None:
        raise Refused("hpke")
    text = plaintext.rstrip(b" ")
    try:
        require(text.startswith(b"{") and text.endswith(b"}"))
        members = json.loads(text.decode("utf-8"), object_pairs_hook=once)
        created_at = check_members(members)
    except (ValueError, Refused) as error:
        raise Refused("plaintext") from error
    if not timely(created_at, vector["now_ms"], 24 * HOUR):
        raise Refused("time", str(vector["now_ms"]))
    return members


def x25519_result(text):
    """An all-zero agreement is how this library tells a point of low order."""
    try:
        key = decode(text)
    except Refused:
        return "encoding"
    if len(key) != 32:
        return "length"
    if int.from_bytes(key, "little") >= PRIME:
        return "not_below_prime"
    try:
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(key))
    except ValueError:
        return "low_order"
    return "taken"


def published_result(vector):
    if x25519_result(vector["key"]) != "taken":
        return "key"
    times = vector["valid_from_ms"].to_bytes(8, "big") + vector["valid_until_ms"].to_bytes(8, "big")
    message = b"sealpush/1 registration key\0" + decode(vector["key"]) + times
    if not verifies(decode(vector["long_term_key"]), decode(vector["signature"]), message):
        return "signature"
    return "taken" if vector["valid_from_ms"] <= vector["now_ms"] <= vector["valid_until_ms"] else "time"


def seal_envelope(device, content, signer, sealed_at):
    delivery = os.urandom(16)
    header, subscription, public = b"\x01\x01" + delivery, uuid.UUID(device["subscription"]).bytes, decode(device["public_key"])
    time = sealed_at.to_bytes(8, "big")
    signature = bytes(64)
    if signer is not None:
        message = b"sealpush/1 signature\0" + header + subscription + public + time + content
        signature = Ed25519PrivateKey.from_private_bytes(signer).sign(message)
    fields = bytes([signer is not None]) + signature + time + len(content).to_bytes(2, "big") + content
    bucket = next(bucket for bucket in BUCKETS if bucket >= len(fields))
    plaintext = fields + bytes(bucket - len(fields))
    sealed = hpke_seal(public, plaintext, b"sealpush/1 content\0" + header + subscription)
    return {
        "name": f"cryptography {version('cryptography')}, {len(content)} bytes, {'signed' if signer else 'by the relay'}",
        "device": device,
        "envelope": encode(header + sealed),
        "opens": {
            "content": encode(content),
            "provenance": "signed_by_sender" if signer else "sealed_by_relay",
            "sealed_at_ms": sealed_at,
            "delivery": str(uuid.UUID(bytes=delivery)),
        },
    }


def seal_registration(vector):
    private = decode(vector["registration_private_keys"][0])
    public = X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
    prefix = b"\x01\x01" + hashlib.sha256(public).digest()[:8]
    text = json.dumps(vector["opens"], separators=(",", ":")).encode()
    length = next(length for length in LENGTHS if length >= len(text))
    info = b"sealpush/1 registration\0" + prefix + uuid.UUID(vector["sender"]).bytes
    sealed = hpke_seal(public, text.ljust(length), info)
    kept = {name: vector[name] for name in ("now_ms", "sender", "registration_private_keys", "opens")}
    return {"name": f"cryptography, {vector['name']}", **kept, "sealed_registration": encode(prefix + sealed)}


def seal_all(envelopes, registrations):
    sealed = []
    for vector in envelopes:
        if "sealing" not in vector or "previous_private_keys" in vector["device"]:
            continue
        seed = vector["sealing"].get("identity_private_key")
        content, signer = decode(vector["opens"]["content"]), decode(seed) if seed else None
        sealed.append(seal_envelope(vector["device"], content, signer, vector["opens"]["sealed_at_ms"]))
    return {"envelopes": sealed, "registrations": [seal_registration(v) for v in registrations if "opens" in v]}


def outcome(call, *arguments):
    try:
        return call(*arguments), None
    except Refused as refused:
        return None, (refused.check, refused.value)


def main(vectors, output):
    def load(name):
        with open(os.path.join(vectors, name), encoding="utf-8") as file:
            return json.load(file)

    failures = 0

    def report(what, results):
        nonlocal failures
        wrong = [name for name, right in results if not right]
        failures += len(wrong)
        print(f"cryptography {version('cryptography')}: {what}: {len(results) - len(wrong)} of {len(results)}")
        for name in wrong:
            print(f"  wrong: {name}")

    def expected(vector):
        refused = vector.get("refused")
        return vector.get("opens"), refused and (refused["check"], refused.get("value"))

    envelopes, registrations = load("envelopes.json"), load("registrations.json")
    report("envelopes", [(v["name"], outcome(open_envelope, v["device"], v["envelope"]) == expected(v)) for v in envelopes])
    report("sealed registrations", [(v["name"], outcome(open_registration, v) == expected(v)) for v in registrations])
    report("published keys", [(v["name"], published_result(v) == v["result"]) for v in load("published_keys.json")])
    keys = [v for v in load("public_keys.json") if v["curve"] == "x25519"]
    report("public keys (X25519)", [(v["name"], x25519_result(v["key"]) == v["result"]) for v in keys])
    texts = [(v["text"], outcome(decode, v["text"])[0], v.get("bytes")) for v in load("base64url.json")]
    report("base64url", [(text, (data.hex() if data is not None else None) == right) for text, data, right in texts])

    sealed = seal_all(envelopes, registrations)
    with open(output, "w", encoding="utf-8") as file:
        json.dump(sealed, file)
    return failures


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1], sys.argv[2]) else 0)
