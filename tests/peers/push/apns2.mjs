// apns2 sends every kind of push that it knows, and its own error class names what is refused.
import { ApnsClient, ApnsError, Errors, Notification, Priority, PushType, SilentNotification } from "apns2";
import { Pool } from "undici";
import { assert, ca, check, device, finish, inbox, key, reasons, records, rule, simulator, team, topic, unregister } from "./steering.mjs";

const PEER = "apns2";

function client(environment = "production", change = {}) {
  const made = new ApnsClient({
    team: team.team_id,
    keyId: team.key_id,
    signingKey: key,
    defaultTopic: topic,
    ...change,
  });
  // Its constructor knows Apple's hosts at port 443 only; the pool is the same but for the address and the CA.
  made.client = new Pool(simulator.apns[environment], {
    connections: 1,
    allowH2: true,
    maxConcurrentStreams: 100,
    connect: { ca },
  });
  return made;
}

async function refused(sender, notification, status, reason) {
  const error = await sender.send(notification).then(
    () => assert.fail("it was accepted"),
    (failure) => failure,
  );
  assert.ok(error instanceof ApnsError, `${error}`);
  assert.deepEqual([error.statusCode, error.reason], [status, reason]);
  return error;
}

const shared = client();
const token = await device();

await check(PEER, "an alert is accepted and reaches the phone", async () => {
  await shared.send(new Notification(token, { alert: "New notification", mutableContent: true, data: { seal: "abc" } }));
  const [push] = await inbox(token);
  assert.deepEqual(push.body, { aps: { alert: "New notification", "mutable-content": 1 }, seal: "abc" });
});

await check(PEER, "a silent notification is accepted", async () => {
  await shared.send(new SilentNotification(token));
  assert.equal((await inbox(token))[1].headers["apns-push-type"], "background");
});

await check(PEER, "expiration, priority and collapse id arrive", async () => {
  const options = { alert: "x", priority: Priority.low, expiration: 0, collapseId: "k" };
  await shared.send(new Notification(token, options));
  const { headers } = (await inbox(token))[2];
  assert.equal(headers["apns-priority"], "1");
  assert.equal(headers["apns-expiration"], "0");
  assert.equal(headers["apns-collapse-id"], "k");
});

for (const [type, suffix, aps] of [
  [PushType.voip, ".voip", {}],
  [PushType.pushtotalk, ".voip-ptt", {}],
  [PushType.complication, ".complication", {}],
  [PushType.fileprovider, ".pushkit.fileprovider", {}],
  [PushType.location, ".location-query", {}],
  [PushType.liveactivity, ".push-type.liveactivity", { event: "update", timestamp: 1, "content-state": {} }],
]) {
  await check(PEER, `a push of type ${type} is accepted`, async () => {
    const to = await device(topic + suffix);
    await shared.send(new Notification(to, { type, topic: topic + suffix, expiration: 0, aps }));
    assert.equal((await inbox(to)).length, 1);
  });
}

await check(PEER, "a hundred pushes run side by side", async () => {
  const sent = await shared.sendMany(Array.from({ length: 100 }, () => new Notification(token, { alert: "x" })));
  assert.deepEqual(sent.filter((one) => one.error), []);
});

await check(PEER, "the sandbox takes its own tokens", async () => {
  const sandbox = client("sandbox");
  await sandbox.send(new Notification(await device(topic, "sandbox"), { alert: "x" }));
  await sandbox.close();
});

const stranger = await device("com.example.other");
for (const [to, options, status, reason] of [
  ["nonsense", {}, 400, Errors.badDeviceToken],
  [stranger, {}, 400, Errors.deviceTokenNotForTopic],
  [token, { topic: "com.stranger.chat" }, 400, Errors.topicDisallowed],
  [token, { topic: "no topic" }, 400, Errors.badTopic],
  [token, { priority: 7 }, 400, Errors.badPriority],
  [token, { expiration: -1 }, 400, Errors.badExpirationDate],
  [token, { collapseId: "k".repeat(65) }, 400, Errors.badCollapseId],
  [token, { type: PushType.voip }, 400, Errors.invalidPushType],
  [token, { data: { seal: "x".repeat(4096) } }, 413, Errors.payloadTooLarge],
  [`${token}/more`, {}, 400, Errors.badDeviceToken],
]) {
  await check(PEER, `${reason} is its ApnsError, for ${JSON.stringify(options).slice(0, 40)}`, async () => {
    await refused(shared, new Notification(to, { alert: "x", ...options }), status, reason);
  });
}

await check(PEER, "Unregistered is emitted with its time", async () => {
  const gone = await device();
  await unregister(gone, 1700000000123);
  const emitted = new Promise((resolve) => shared.once(Errors.unregistered, resolve));
  await refused(shared, new Notification(gone, { alert: "x" }), 410, Errors.unregistered);
  assert.equal((await emitted).timestamp, 1700000000123);
});

await check(PEER, "a missing topic is its ApnsError", async () => {
  const other = client("production", { defaultTopic: "" });
  await refused(other, new Notification(token, { alert: "x" }), 400, Errors.badTopic);
  await other.close();
});

await check(PEER, "a key of nobody is its ApnsError", async () => {
  const other = client("production", { keyId: "AAAAAAAAAA" });
  await refused(other, new Notification(token, { alert: "x" }), 403, Errors.invalidProviderToken);
  await other.close();
});

await check(PEER, "a second provider token too soon is its ApnsError", async () => {
  const other = client();
  await other.send(new Notification(token, { alert: "x" }));
  other._token = null;
  await refused(other, new Notification(token, { alert: "x" }), 429, Errors.tooManyProviderTokenUpdates);
  await other.close();
});

await check(PEER, "every refusal that Apple documents can be provoked by name, and is its ApnsError", async () => {
  const { apns_refusal: all } = await reasons();
  assert.ok(all.length > 30);
  for (const { status, reason } of all) {
    // A client of its own, because this peer makes a new provider token where its old one is refused.
    const other = client();
    const to = await device();
    await rule(to, { apns_refusal: { status, reason } });
    await refused(other, new Notification(to, { alert: "x" }), status, reason);
    await other.close();
  }
});

await check(PEER, "a flood of bad tokens ends its connection, and the next push goes out on another", async () => {
  const other = client();
  const nobody = "00".repeat(32);
  let answered = 0;
  let broken = 0;
  for (let sent = 0; sent < 110; sent += 1) {
    const error = await other.send(new Notification(nobody, { alert: "x" })).catch((failure) => failure);
    if (error instanceof ApnsError) answered += 1;
    else broken += 1;
  }
  assert.ok(answered >= 100 && broken <= 2, `${answered} answered, ${broken} broken`);
  const flood = (await records()).filter((one) => one.path.endsWith(nobody));
  assert.ok(new Set(flood.map((one) => one.connection)).size >= 2);
  await other.send(new Notification(token, { alert: "x" }));
  await other.close();
});

await check(PEER, "a garbage body is its UnknownError", async () => {
  const to = await device();
  await rule(to, { answer: { status: 502, body: "<html>" } });
  await refused(shared, new Notification(to, { alert: "x" }), 502, Errors.unknownError);
});

await shared.close();
finish();
