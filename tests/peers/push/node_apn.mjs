// @parse/node-apn sends every kind of push, and reads every refusal that it can be made to earn.
import { sign } from "node:crypto";
import apn from "@parse/node-apn";
import { assert, ca, check, device, finish, goaway, inbox, key, rule, simulator, team, topic, unregister } from "./steering.mjs";

const PEER = "node-apn";

function provider(environment = "production", change = {}) {
  const token = { key, keyId: team.key_id, teamId: team.team_id, ...change };
  const port = Number(new URL(simulator.apns[environment]).port);
  return new apn.Provider({ token, address: "localhost", port, ca, requestTimeout: 1000 });
}

function alert(change = {}) {
  const notification = new apn.Notification();
  return Object.assign(notification, { topic, pushType: "alert", alert: "New notification" }, change);
}

/** A provider token of any age. */
function providerToken(iat) {
  const encode = (part) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const signed = `${encode({ alg: "ES256", kid: team.key_id })}.${encode({ iss: team.team_id, iat })}`;
  const signature = sign("sha256", Buffer.from(signed), { key, dsaEncoding: "ieee-p1363" });
  return `${signed}.${signature.toString("base64url")}`;
}

/** Sends one push on the shared connection and expects it to be taken. */
async function accepted(sender, notification, token) {
  const { sent, failed } = await sender.send(notification, token);
  assert.deepEqual(failed, []);
  assert.equal(sent.length, 1);
  return sent[0];
}

/** Sends one push and expects a refusal. */
async function refused(sender, notification, token, status, reason) {
  const { failed } = await sender.send(notification, token);
  assert.equal(failed.length, 1);
  assert.equal(failed[0].status, status, JSON.stringify(failed[0]));
  assert.equal(failed[0].response?.reason ?? failed[0].error?.message, reason);
  return failed[0];
}

const shared = provider();
const token = await device();

await check(PEER, "an alert is accepted, keeps its id and reaches the phone", async () => {
  const id = "0f8fad5b-d9cb-469f-a165-70867728950e";
  const change = { id, payload: { seal: "abc" }, mutableContent: 1, priority: 10, expiry: 0, collapseId: "k" };
  const sent = await accepted(shared, alert(change), token);
  assert.equal(sent["apns-id"], id);
  assert.equal(sent["apns-unique-id"], undefined);
  const [push] = await inbox(token);
  assert.deepEqual(push.body, { aps: { alert: "New notification", "mutable-content": 1 }, seal: "abc" });
  assert.equal(push.headers["apns-collapse-id"], "k");
});

await check(PEER, "a background push is accepted at priority 5", async () => {
  const background = new apn.Notification();
  Object.assign(background, { topic, pushType: "background", contentAvailable: 1, priority: 5 });
  await accepted(shared, background, token);
});

const live = { event: "update", timestamp: 1, "content-state": {} };
for (const [pushType, suffix, aps] of [
  ["voip", ".voip", {}],
  ["pushtotalk", ".voip-ptt", {}],
  ["complication", ".complication", {}],
  ["fileprovider", ".pushkit.fileprovider", {}],
  ["location", ".location-query", {}],
  ["liveactivity", ".push-type.liveactivity", live],
  ["controls", ".push-type.controls", {}],
  ["widgets", ".push-type.widgets", {}],
]) {
  await check(PEER, `a push of type ${pushType} is accepted`, async () => {
    const to = await device(topic + suffix);
    const notification = new apn.Notification();
    Object.assign(notification, { topic: topic + suffix, pushType, expiry: 0, rawPayload: { aps } });
    await accepted(shared, notification, to);
  });
}

await check(PEER, "the sandbox gives a unique id", async () => {
  const sandbox = provider("sandbox");
  const sent = await accepted(sandbox, alert(), await device(topic, "sandbox"));
  assert.match(sent["apns-unique-id"], /^[0-9a-f-]{36}$/);
  await sandbox.shutdown();
});

await check(PEER, "two hundred pushes run side by side", async () => {
  const { sent, failed } = await shared.send(alert(), Array(200).fill(token));
  assert.deepEqual(failed, []);
  assert.equal(sent.length, 200);
});

const stranger = await device("com.example.other");
const sandboxToken = await device(topic, "sandbox");
for (const [sentence, change, to, status, reason] of [
  ["a malformed token", {}, "nonsense", 400, "BadDeviceToken"],
  ["an unknown token", {}, "00".repeat(32), 400, "BadDeviceToken"],
  ["a token of the sandbox", {}, sandboxToken, 400, "BadDeviceToken"],
  ["a token of another app", {}, stranger, 400, "DeviceTokenNotForTopic"],
  ["another publisher's topic", { topic: "com.stranger.chat" }, token, 400, "TopicDisallowed"],
  ["a missing topic", { topic: undefined }, token, 400, "MissingTopic"],
  ["a malformed topic", { topic: "no topic" }, token, 400, "BadTopic"],
  ["an unknown push type", { pushType: "shout" }, token, 400, "InvalidPushType"],
  ["a push type without its suffix", { pushType: "voip" }, token, 400, "InvalidPushType"],
  ["a background push at priority 10", { pushType: "background", priority: 10 }, token, 400, "BadPriority"],
  ["an unknown priority", { priority: 7 }, token, 400, "BadPriority"],
  ["a malformed expiration", { expiry: 1.5 }, token, 400, "BadExpirationDate"],
  ["a malformed id", { id: "1" }, token, 400, "BadMessageId"],
  ["a long collapse id", { collapseId: "k".repeat(65) }, token, 400, "BadCollapseId"],
  ["an empty payload", { rawPayload: {} }, token, 400, "PayloadEmpty"],
  ["a large payload", { payload: { seal: "x".repeat(4096) } }, token, 413, "PayloadTooLarge"],
]) {
  await check(PEER, `${sentence} is refused as ${reason}`, async () => {
    await refused(shared, alert(change), to, status, reason);
  });
}

await check(PEER, "an unregistered token is gone since its time", async () => {
  const gone = await device();
  await unregister(gone, 1700000000123);
  const failure = await refused(shared, alert(), gone, 410, "Unregistered");
  assert.equal(failure.response.timestamp, 1700000000123);
});

await check(PEER, "a path that a token breaks out of is BadPath", async () => {
  await refused(shared, alert(), `${token}/more`, 404, "BadPath");
});

await check(PEER, "a key of nobody is InvalidProviderToken", async () => {
  const other = provider("production", { keyId: "AAAAAAAAAA" });
  await refused(other, alert(), token, 403, "InvalidProviderToken");
  await other.shutdown();
});

await check(PEER, "a team of nobody is InvalidProviderToken", async () => {
  const other = provider("production", { teamId: "AAAAAAAAAA" });
  await refused(other, alert(), token, 403, "InvalidProviderToken");
  await other.shutdown();
});

await check(PEER, "a second provider token too soon is TooManyProviderTokenUpdates", async () => {
  const other = provider();
  await accepted(other, alert(), token);
  other.client.config.token.regenerate(other.client.config.token.generation);
  await refused(other, alert(), token, 429, "TooManyProviderTokenUpdates");
  await other.shutdown();
});

await check(PEER, "an old provider token is ExpiredProviderToken, and its connection stays so", async () => {
  const other = provider();
  other.client.config.token.current = providerToken(Math.floor(Date.now() / 1000) - 3700);
  // The peer keeps its token for 55 minutes by the time it was made; and with its new one it stays on the connection.
  other.client.config.token.isExpired = () => false;
  const { failed } = await other.send(alert(), token);
  assert.deepEqual([failed[0].status, failed[0].error.message], [403, "ExpiredProviderToken"]);
  await other.shutdown();
});

await check(PEER, "a provider token renewed after a scripted ExpiredProviderToken is too soon", async () => {
  const other = provider();
  const to = await device();
  await rule(to, { apns_refusal: { status: 403, reason: "ExpiredProviderToken" } });
  await refused(other, alert(), to, 429, "TooManyProviderTokenUpdates");
  await other.shutdown();
});

for (const [status, reason] of [
  [403, "Forbidden"],
  [429, "TooManyRequests"],
  [503, "ServiceUnavailable"],
  [503, "Shutdown"],
]) {
  await check(PEER, `a scripted ${reason} is read`, async () => {
    const other = provider();
    const to = await device();
    // The peer itself tries again up to three times where it deems that wise.
    await rule(to, { apns_refusal: { status, reason } }, 4);
    const { failed } = await other.send(alert(), to);
    assert.equal(failed[0].response?.reason ?? failed[0].error.message, reason);
    await other.shutdown();
  });
}

await check(PEER, "a push after a passing failure is accepted", async () => {
  const to = await device();
  await rule(to, { apns_refusal: { status: 503, reason: "ServiceUnavailable" } }, 2);
  await accepted(shared, alert(), to);
  assert.equal((await inbox(to)).length, 1);
});

await check(PEER, "silence ends in the peer's own time limit", async () => {
  const other = provider();
  const to = await device();
  await rule(to, "silence");
  const { failed } = await other.send(alert(), to);
  assert.match(failed[0].error.message, /timeout|aborted/);
  assert.equal((await inbox(to)).length, 0);
  await other.shutdown();
});

await check(PEER, "a broken connection loses the answer and not the push", async () => {
  const other = provider();
  const to = await device();
  await rule(to, "break_after");
  const { failed } = await other.send(alert(), to);
  assert.equal(failed.length, 1);
  assert.equal((await inbox(to)).length, 1);
});

await check(PEER, "after a goodbye the next push goes out on a new connection", async () => {
  const other = provider();
  await accepted(other, alert(), token);
  const closed = new Promise((resolve) => other.client.session.on("close", resolve));
  const said = new Promise((resolve) => other.client.session.on("goaway", (_code, _last, data) => resolve(`${data}`)));
  await goaway();
  assert.equal(await said, '{"reason":"Shutdown"}');
  await closed;
  await accepted(other, alert(), token);
  await other.shutdown();
});

await shared.shutdown();
finish();
