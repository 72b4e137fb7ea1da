"""Google's own server SDK sends every kind of message, and its own exceptions name what is refused.

The SDK knows Google's hosts alone, so three of its constants are set to the simulator's addresses; the CA goes in
through the variables that its HTTP libraries read. Everything else is the SDK as it is.
"""

import asyncio
import json
import os
import sys
import traceback
import urllib.request
import warnings

SIMULATOR = json.loads(os.environ["PUSH_SIMULATOR"])
CA = SIMULATOR["files"]["ca"]
os.environ["REQUESTS_CA_BUNDLE"] = CA
os.environ["SSL_CERT_FILE"] = CA

# The SDK prefers installation ids; registration tokens are what today's apps still send.
warnings.simplefilter("ignore", DeprecationWarning)

import firebase_admin  # noqa: E402
import google.auth.exceptions  # noqa: E402
from firebase_admin import _http_client, credentials, exceptions, messaging  # noqa: E402
from google.oauth2 import service_account  # noqa: E402

messaging._MessagingService.FCM_URL = SIMULATOR["fcm"] + "/v1/projects/{0}/messages:send"
service_account._GOOGLE_OAUTH2_TOKEN_ENDPOINT = SIMULATOR["token"]
# As many tries as by default, without the waits between them.
_http_client.DEFAULT_RETRY_CONFIG.backoff_factor = 0
_http_client.DEFAULT_HTTPX_RETRY_CONFIG.backoff_factor = 0

PROJECT = "example-project"
failures = 0


def call(method, path, body=None):
    """One request to the simulator's control API."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(SIMULATOR["control"] + path, data=data, method=method)
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def device(project=PROJECT):
    """A registration token of a new phone."""
    return call("POST", "/devices", {"push_service": "fcm", "project": project})["token"]


def inbox(token):
    """The messages that the phone got."""
    return [push["body"] for push in call("GET", f"/devices/{token}/pushes")["pushes"]]


def rule(target, effect, times=1):
    """A scripted answer or fault."""
    call("POST", "/rules", {"target": target, "effect": effect, "times": times})


def check(sentence):
    """One check: what the decorated function does has to go through."""

    def run(test):
        global failures
        try:
            test()
            print(f"ok: firebase-admin: {sentence}")
        except Exception:
            failures += 1
            print(f"not ok: firebase-admin: {sentence}: {traceback.format_exc()}")

    return run


def raises(kind, message, **options):
    """Sends a message and expects an exception of exactly this class."""
    try:
        messaging.send(message, **options)
    except Exception as error:
        assert type(error) is kind, f"{type(error).__name__}: {error}"
        return error
    raise AssertionError("it was accepted")


app_options = {"projectId": PROJECT, "httpTimeout": 10}
firebase_admin.initialize_app(credentials.Certificate(SIMULATOR["files"]["service_account"]), app_options)
TOKEN = device()


@check("a data message is accepted, named, and reaches the phone")
def _():
    android = messaging.AndroidConfig(priority="high", ttl=86400, collapse_key="k", direct_boot_ok=True)
    name = messaging.send(messaging.Message(data={"seal": "abc"}, android=android, token=TOKEN))
    assert name.startswith(f"projects/{PROJECT}/messages/"), name
    message = inbox(TOKEN)[0]
    assert message["data"] == {"seal": "abc"}
    assert message["android"]["priority"] == "high"
    assert message["android"]["ttl"] == "86400s"


@check("a message with every section that the SDK builds is accepted")
def _():
    notification = messaging.AndroidNotification(
        title="t", body="b", icon="i", color="#112233", sound="s", tag="g", click_action="c", body_loc_key="k",
        body_loc_args=["a"], title_loc_key="k", title_loc_args=["a"], channel_id="c", image="https://example.com/i",
        ticker="t", sticky=True, local_only=True, priority="high", vibrate_timings_millis=[100, 250],
        default_vibrate_timings=False, default_sound=False, default_light_settings=False, visibility="private",
        notification_count=3,
        light_settings=messaging.LightSettings("#11223344", 500, 500), proxy="deny")
    android = messaging.AndroidConfig(
        restricted_package_name="com.example.chat", data={"seal": "abc"}, notification=notification,
        fcm_options=messaging.AndroidFCMOptions("label"), bandwidth_constrained_ok=True, restricted_satellite_ok=True)
    aps = messaging.Aps(alert=messaging.ApsAlert(title="t", body="b"), badge=1, sound="default", mutable_content=True)
    apns = messaging.APNSConfig(
        headers={"apns-priority": "10"}, payload=messaging.APNSPayload(aps, seal="abc"),
        fcm_options=messaging.APNSFCMOptions("label", "https://example.com/i"))
    webpush = messaging.WebpushConfig(
        headers={"Urgency": "high"}, data={"seal": "abc"},
        notification=messaging.WebpushNotification(title="t", actions=[messaging.WebpushNotificationAction("a", "b")]),
        fcm_options=messaging.WebpushFCMOptions("https://example.com"))
    messaging.send(messaging.Message(
        token=TOKEN, notification=messaging.Notification("t", "b", "https://example.com/i"), android=android,
        apns=apns, webpush=webpush, fcm_options=messaging.FCMOptions("label")))


@check("an installation id is a target too")
def _():
    before = len(inbox(TOKEN))
    messaging.send(messaging.Message(fid=TOKEN.split(":")[0]))
    assert len(inbox(TOKEN)) == before + 1


@check("topics and conditions are accepted")
def _():
    messaging.send(messaging.Message(topic="news"))
    messaging.send(messaging.Message(condition="'a' in topics && 'b' in topics"))


@check("a dry run reaches nobody")
def _():
    before = len(inbox(TOKEN))
    messaging.send(messaging.Message(data={"a": "b"}, token=TOKEN), dry_run=True)
    assert len(inbox(TOKEN)) == before


@check("of many messages each has its own answer")
def _():
    batch = messaging.send_each([messaging.Message(token=TOKEN), messaging.Message(token="nonsense")])
    assert (batch.success_count, batch.failure_count) == (1, 1)
    assert type(batch.responses[1].exception) is exceptions.InvalidArgumentError


@check("two hundred messages run side by side over HTTP/2")
def _():
    to = device()
    batch = asyncio.run(messaging.send_each_async([messaging.Message(token=to)] * 200, dry_run=False))
    assert batch.failure_count == 0, next(one.exception for one in batch.responses if one.exception)
    assert len(inbox(to)) == 200
    versions = {record["version"] for record in call("GET", "/records")["records"] if record["host"] == "fcm"}
    assert versions == {"HTTP/1.1", "HTTP/2.0"}, versions


@check("the access token was fetched once for all of this")
def _():
    fetched = [record for record in call("GET", "/records")["records"] if record["host"] == "token"]
    # Once by the threads of the synchronous client; the asynchronous one shares the credential.
    assert len(fetched) == 1, len(fetched)
    assert fetched[0]["answer"]["status"] == 200


@check("a dead token is UnregisteredError")
def _():
    gone = device()
    call("DELETE", f"/devices/{gone}")
    raises(messaging.UnregisteredError, messaging.Message(token=gone))


@check("a token that is none is InvalidArgumentError")
def _():
    error = raises(exceptions.InvalidArgumentError, messaging.Message(token="nonsense"))
    assert "not a valid FCM registration token" in str(error)


@check("a token of another project is SenderIdMismatchError")
def _():
    raises(messaging.SenderIdMismatchError, messaging.Message(token=device("other-project")))


@check("a reserved data key is InvalidArgumentError")
def _():
    raises(exceptions.InvalidArgumentError, messaging.Message(token=TOKEN, data={"from": "x"}))


@check("a time to live over 28 days is InvalidArgumentError")
def _():
    android = messaging.AndroidConfig(ttl=2419201)
    raises(exceptions.InvalidArgumentError, messaging.Message(token=TOKEN, android=android))


@check("4096 bytes fit and 4097 are InvalidArgumentError")
def _():
    messaging.send(messaging.Message(token=TOKEN, data={"seal": "x" * 4092}))
    error = raises(exceptions.InvalidArgumentError, messaging.Message(token=TOKEN, data={"seal": "x" * 4093}))
    assert "too big" in str(error)


for failure, kind in [
    ("quota_exceeded", messaging.QuotaExceededError),
    ("third_party_auth_error", messaging.ThirdPartyAuthError),
    ("sender_id_mismatch", messaging.SenderIdMismatchError),
    ("unregistered", messaging.UnregisteredError),
    ("unavailable", exceptions.UnavailableError),
    ("internal", exceptions.InternalError),
    ("invalid_argument", exceptions.InvalidArgumentError),
    ("permission_denied", exceptions.PermissionDeniedError),
    ("project_not_found", exceptions.NotFoundError),
    ("unauthenticated", exceptions.UnauthenticatedError),
    ("bad_gateway", exceptions.UnknownError),
    ("device_quota_exceeded", messaging.QuotaExceededError),
    ("third_party_apns_error", messaging.ThirdPartyAuthError),
    ("service_disabled", exceptions.PermissionDeniedError),
    ("invalid_token_text", exceptions.InvalidArgumentError),
    ("too_big", exceptions.InvalidArgumentError),
    ("unavailable_retry_info", exceptions.UnavailableError),
    ("url_not_found", exceptions.NotFoundError),
]:

    @check(f"a scripted {failure} is {kind.__name__}")
    def _():
        # The SDK tries up to five times on 500 and 503, and three times on 401.
        to = device()
        rule({"device": to}, {"fcm_failure": {"failure": failure}}, times=5)
        raises(kind, messaging.Message(token=to))
        call("DELETE", "/rules")
        assert inbox(to) == []


@check("a Retry-After is honoured and the next try accepted")
def _():
    to = device()
    rule({"device": to}, {"fcm_failure": {"failure": "unavailable", "retry_after": "1"}})
    messaging.send(messaging.Message(token=to))
    assert len(inbox(to)) == 1


@check("a refused access token is replaced and the message accepted")
def _():
    to = device()
    rule({"device": to}, {"fcm_failure": {"failure": "unauthenticated"}})
    messaging.send(messaging.Message(token=to))
    assert len(inbox(to)) == 1


def account(**changes):
    """The service account with changes, as an app of its own."""
    with open(SIMULATOR["files"]["service_account"], encoding="utf-8") as file:
        return credentials.Certificate({**json.load(file), **changes})


@check("an account of nobody gets no access token: RefreshError with invalid_grant")
def _():
    app = firebase_admin.initialize_app(account(client_email="x@example.com"), app_options, "nobody")
    error = raises(google.auth.exceptions.RefreshError, messaging.Message(token=TOKEN), app=app)
    assert "invalid_grant" in str(error), error


@check("an account may not send for another project: PermissionDeniedError")
def _():
    device("other-project")
    options = {**app_options, "projectId": "other-project"}
    app = firebase_admin.initialize_app(account(), options, "other")
    raises(exceptions.PermissionDeniedError, messaging.Message(token=TOKEN), app=app)


@check("a project of nobody is NotFoundError, not UnregisteredError")
def _():
    app = firebase_admin.initialize_app(account(), {**app_options, "projectId": "no-project"}, "none")
    raises(exceptions.NotFoundError, messaging.Message(token=TOKEN), app=app)


@check("a failing token endpoint is tried again")
def _():
    app = firebase_admin.initialize_app(account(), app_options, "again")
    rule("token_endpoint", {"oauth_failure": {"failure": "internal"}})
    messaging.send(messaging.Message(token=TOKEN), app=app)


sys.exit(1 if failures else 0)
