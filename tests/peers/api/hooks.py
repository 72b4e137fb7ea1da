"""Gives schemathesis what no description can: credentials, and ids of what is there.

Each call of an app gets a registration (and a subscription) of its own, so that one that removes it takes nothing
from the next.
"""

import base64
import hashlib
import json
import os
import secrets
import urllib.request
import uuid

import schemathesis

RELAY = os.environ["RELAY"]
SENDER = json.loads(os.environ["SENDER"])


def post(path, body, credential=None):
    headers = {"content-type": "application/json"}
    if credential:
        headers["authorization"] = f"Bearer {credential}"
    request = urllib.request.Request(RELAY + path, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def registration():
    """The id and the credential of a new registration."""
    body = {"app": "chat", "push_service": "fcm", "device_token": secrets.token_urlsafe(32)}
    made = post("/v1/registrations", body)
    return made["registration"], made["credential"]


def subscription(registration, credential):
    """The id of a new subscription of our sender's."""
    body = {"subscription": str(uuid.uuid4()), "sender": SENDER["id"]}
    return post(f"/v1/registrations/{registration}/subscriptions", body, credential)["subscription"]


@schemathesis.auth()
class Credentials:
    def get(self, case, context):
        made = registration()
        return made, subscription(*made)

    def set(self, case, data, context):
        (registration, credential), subscription = data
        security = case.operation.definition.raw.get("security") or []
        schemes = {name for one in security for name in one}
        if not schemes:
            return
        bearer = SENDER["credential"] if "sender" in schemes else credential
        if case.path.startswith("/v1/senders/self"):
            # What changes or erases a sender does so to one of its own.
            bearer = post("/v1/senders", {"name": "another"})["credential"]
        case.headers["Authorization"] = f"Bearer {bearer}"
        ours = {"/v1/registrations": registration, "/v1/subscriptions": subscription}
        resource = "/".join(case.path.split("/")[:3])
        # A value that was made up to be wrong stays as it is.
        if resource in ours and is_uuid(case.path_parameters.get("id")):
            case.path_parameters["id"] = ours[resource]


@schemathesis.hook
def map_body(context, body):
    """What is well-formed may as well exist."""
    if not isinstance(body, dict):
        return body
    if is_uuid(body.get("sender")):
        body["sender"] = SENDER["id"]
    if is_uuid(body.get("registration")):
        body["registration"] = str(uuid.uuid4())
    if is_uuid(body.get("subscription")):
        body["subscription"] = str(uuid.uuid4())
    if is_uuid(body.get("id")):
        body["id"] = str(ordered())
    if isinstance(body.get("secret_hash"), str) and len(body["secret_hash"]) == 43:
        digest = hashlib.sha256(secrets.token_bytes(32)).digest()
        body["secret_hash"] = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    for target in body.get("targets") if isinstance(body.get("targets"), list) else []:
        if isinstance(target, dict) and is_uuid(target.get("subscription")):
            target["subscription"] = subscription(*registration())
    return body


def is_uuid(value):
    try:
        return str(uuid.UUID(value)) == value
    except (AttributeError, TypeError, ValueError):
        return False


def ordered():
    """A v7 UUID."""
    drawn = bytearray(secrets.token_bytes(16))
    drawn[6] = 0x70 | drawn[6] & 0x0F
    drawn[8] = 0x80 | drawn[8] & 0x3F
    return uuid.UUID(bytes=bytes(drawn))
