// Does with every vector of the seal crate what the vector says, on hpke-js and Node's own WebCrypto, then seals for the
// crate.
//
// Usage: node check.mjs <directory of the vectors> <file for what this seals>
//
// Owns a further reading of the protocol, written from its text. Must not call anything of the project.

import { createHash, createPrivateKey, createPublicKey, randomBytes, sign, verify } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { CipherSuite, HkdfSha256 } from '@hpke/core';
import { Chacha20Poly1305 } from '@hpke/chacha20poly1305';
import { DhkemX25519HkdfSha256 } from '@hpke/dhkem-x25519';

const SUITE = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Chacha20Poly1305() });
const PRIME = 2n ** 255n - 19n;
const BUCKETS = [256, 512, 1024, 2048, 2688];
const LENGTHS = [1024, 2048];
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Carries the check that refuses, and the value that the error names. */
class Refused extends Error {
  constructor(check, value) {
    super(check);
    Object.assign(this, { check, value });
  }
}

const encode = (bytes) => Buffer.from(bytes).toString('base64url');
const label = (text) => Buffer.from(`${text}\0`, 'ascii');
const buffer = (bytes) => Uint8Array.from(bytes).buffer;

/** Strict: Node's own decoder skips foreign characters and takes any trailing bits. */
function decode(text) {
  if (typeof text !== 'string') throw new Refused('text');
  const bytes = Buffer.from(text, 'base64url');
  if (encode(bytes) !== text) throw new Refused('text');
  return bytes;
}

const idBytes = (text) => Buffer.from(text.replaceAll('-', ''), 'hex');
const idText = (bytes) => bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

// Node takes raw keys only in their containers (RFC 8410); these are what stands before the 32 bytes.
const container = (prefix, key) => ({ key: Buffer.concat([Buffer.from(prefix, 'hex'), key]), format: 'der' });
const privateKey = (seed) => createPrivateKey({ ...container('302e020100300506032b657004220420', seed), type: 'pkcs8' });
const publicKey = (key) => createPublicKey({ ...container('302a300506032b6570032100', key), type: 'spki' });
const verifies = (key, signature, message) => verify(null, message, publicKey(key), signature);

const isTimely = (at, now, age) => now - at <= age && at - now <= 5 * MINUTE;

async function publicOf(privateBytes) {
  const x25519 = createPrivateKey({ ...container('302e020100300506032b656e04220420', privateBytes), type: 'pkcs8' });
  return createPublicKey(x25519).export({ format: 'der', type: 'spki' }).subarray(-32);
}

async function hpkeOpen(privateBytes, encAndCiphertext, info) {
  try {
    const recipientKey = await SUITE.kem.importKey('raw', buffer(privateBytes), false);
    const enc = buffer(encAndCiphertext.subarray(0, 32));
    const context = await SUITE.createRecipientContext({ recipientKey, enc, info: buffer(info) });
    return Buffer.from(await context.open(buffer(encAndCiphertext.subarray(32))));
  } catch {
    return null;
  }
}

async function hpkeSeal(publicBytes, plaintext, info) {
  const recipientPublicKey = await SUITE.kem.importKey('raw', buffer(publicBytes), true);
  const context = await SUITE.createSenderContext({ recipientPublicKey, info: buffer(info) });
  const ciphertext = await context.seal(buffer(plaintext));
  return Buffer.concat([Buffer.from(context.enc), Buffer.from(ciphertext)]);
}

function outerForm(bytes, sizes) {
  if (bytes.length > 0 && bytes[0] !== 1) throw new Refused('version', String(bytes[0]));
  if (bytes.length > 1 && bytes[1] !== 1) throw new Refused('suite', String(bytes[1]));
  if (!sizes.includes(bytes.length)) throw new Refused('size');
}

async function openEnvelope(device, text) {
  const bytes = decode(text);
  outerForm(bytes, BUCKETS.map((bucket) => bucket + 66));
  const header = bytes.subarray(0, 18);
  const subscription = idBytes(device.subscription);
  const info = Buffer.concat([label('sealpush/1 content'), header, subscription]);
  const younger = (keys = [], age) => keys.filter((key) => device.now_ms - key.replaced_at_ms <= age).map((key) => key.key);
  let plaintext = null;
  let used = null;
  for (const key of [device.private_key, ...younger(device.previous_private_keys, 30 * DAY)]) {
    used = decode(key);
    plaintext = await hpkeOpen(used, bytes.subarray(18), info);
    if (plaintext) break;
  }
  if (!plaintext) throw new Refused('hpke');

  const provenance = plaintext[0];
  const signature = plaintext.subarray(1, 65);
  const sealedAt = plaintext.readBigUInt64BE(65);
  const end = 75 + plaintext.readUInt16BE(73);
  const isZero = (part) => part.every((byte) => byte === 0);
  if (provenance > 1 || end > plaintext.length || !isZero(plaintext.subarray(end))) throw new Refused('plaintext');
  if (provenance === 0 && !isZero(signature)) throw new Refused('plaintext');
  const content = plaintext.subarray(75, end);

  if ((device.identity_key !== undefined) !== (provenance === 1)) throw new Refused('provenance');
  if (provenance === 1) {
    const key = await publicOf(used);
    const time = plaintext.subarray(65, 73);
    const message = Buffer.concat([label('sealpush/1 signature'), header, subscription, key, time, content]);
    const identities = [device.identity_key, ...younger(device.previous_identity_keys, 28 * DAY)];
    if (!identities.some((identity) => verifies(decode(identity), signature, message))) throw new Refused('signature');
  }
  const at = Number(sealedAt > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : sealedAt);
  if (!isTimely(at, device.now_ms, 28 * DAY)) throw new Refused('time');
  const delivery = idText(header.subarray(2));
  if (device.seen?.includes(delivery)) throw new Refused('seen');
  return {
    content: encode(content),
    provenance: provenance === 1 ? 'signed_by_sender' : 'sealed_by_relay',
    sealed_at_ms: at,
    delivery,
  };
}

/** Up to the members, whose rules are the relay's; JSON.parse does not see a repeated one. */
async function openRegistration(vector) {
  const bytes = decode(vector.sealed_registration);
  outerForm(bytes, LENGTHS.map((length) => length + 58));
  const prefix = bytes.subarray(0, 10);
  let named = null;
  for (const key of vector.registration_private_keys.map(decode)) {
    const keyId = createHash('sha256').update(await publicOf(key)).digest().subarray(0, 8);
    if (keyId.equals(prefix.subarray(2))) named = key;
  }
  if (!named) throw new Refused('key_id', prefix.subarray(2).toString('hex'));
  const info = Buffer.concat([label('sealpush/1 registration'), prefix, idBytes(vector.sender)]);
  const plaintext = await hpkeOpen(named, bytes.subarray(10), info);
  if (!plaintext) throw new Refused('hpke');
  let members;
  try {
    members = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(plaintext));
  } catch {
    throw new Refused('plaintext');
  }
  if (plaintext[0] !== 0x7b || !/\} *$/.test(plaintext.toString('latin1'))) throw new Refused('plaintext');
  const created = Date.parse(members.created_at);
  if (!Number.isNaN(created) && !isTimely(created, vector.now_ms, DAY)) throw new Refused('time', String(vector.now_ms));
  return members;
}

/** An all-zero agreement is how this library tells a point of low order. */
async function x25519Result(text) {
  let key;
  try {
    key = decode(text);
  } catch {
    return 'encoding';
  }
  if (key.length !== 32) return 'length';
  if (BigInt(`0x${Buffer.from(key).reverse().toString('hex')}`) >= PRIME) return 'not_below_prime';
  try {
    await hpkeSeal(key, Buffer.alloc(1), Buffer.alloc(1));
  } catch {
    return 'low_order';
  }
  return 'taken';
}

async function publishedResult(vector) {
  if ((await x25519Result(vector.key)) !== 'taken') return 'key';
  const times = Buffer.alloc(16);
  times.writeBigUInt64BE(BigInt(vector.valid_from_ms), 0);
  times.writeBigUInt64BE(BigInt(vector.valid_until_ms), 8);
  const message = Buffer.concat([label('sealpush/1 registration key'), decode(vector.key), times]);
  if (!verifies(decode(vector.long_term_key), decode(vector.signature), message)) return 'signature';
  return vector.valid_from_ms <= vector.now_ms && vector.now_ms <= vector.valid_until_ms ? 'taken' : 'time';
}

async function sealEnvelope({ device, opens, sealing }) {
  const delivery = randomBytes(16);
  const header = Buffer.concat([Buffer.from([1, 1]), delivery]);
  const subscription = idBytes(device.subscription);
  const content = decode(opens.content);
  const fields = Buffer.alloc(75);
  fields.writeBigUInt64BE(BigInt(opens.sealed_at_ms), 65);
  fields.writeUInt16BE(content.length, 73);
  if (sealing.identity_private_key) {
    const time = fields.subarray(65, 73);
    const key = decode(device.public_key);
    const message = Buffer.concat([label('sealpush/1 signature'), header, subscription, key, time, content]);
    fields[0] = 1;
    sign(null, message, privateKey(decode(sealing.identity_private_key))).copy(fields, 1);
  }
  const bucket = BUCKETS.find((size) => size >= 75 + content.length);
  const padding = Buffer.alloc(bucket - 75 - content.length);
  const info = Buffer.concat([label('sealpush/1 content'), header, subscription]);
  const sealed = await hpkeSeal(decode(device.public_key), Buffer.concat([fields, content, padding]), info);
  const signed = fields[0] === 1 ? 'signed' : 'by the relay';
  return {
    name: `hpke-js, ${content.length} bytes, ${signed}`,
    device,
    envelope: encode(Buffer.concat([header, sealed])),
    opens: { ...opens, delivery: idText(delivery) },
  };
}

async function sealRegistration({ name, now_ms, sender, registration_private_keys, opens }) {
  const key = await publicOf(decode(registration_private_keys[0]));
  const prefix = Buffer.concat([Buffer.from([1, 1]), createHash('sha256').update(key).digest().subarray(0, 8)]);
  const text = Buffer.from(JSON.stringify(opens));
  const plaintext = Buffer.alloc(LENGTHS.find((length) => length >= text.length), ' ');
  text.copy(plaintext);
  const info = Buffer.concat([label('sealpush/1 registration'), prefix, idBytes(sender)]);
  const sealed = await hpkeSeal(key, plaintext, info);
  const sealed_registration = encode(Buffer.concat([prefix, sealed]));
  return { name: `hpke-js, ${name}`, now_ms, sender, registration_private_keys, sealed_registration, opens };
}

async function outcome(call) {
  try {
    return { opens: await call() };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { check: error.check, value: error.value };
  }
}

const expected = ({ opens, refused }) => (opens ? { opens } : { check: refused.check, value: refused.value });

const [directory, output] = process.argv.slice(2);
const load = (name) => JSON.parse(readFileSync(join(directory, name), 'utf8'));
let failures = 0;

async function report(what, vectors, isRight) {
  const wrong = [];
  for (const vector of vectors) {
    if (!(await isRight(vector))) wrong.push(vector.name ?? vector.text);
  }
  failures += wrong.length;
  console.log(`hpke-js: ${what}: ${vectors.length - wrong.length} of ${vectors.length}`);
  for (const name of wrong) console.log(`  wrong: ${name}`);
}

const envelopes = load('envelopes.json');
const registrations = load('registrations.json');
await report('envelopes', envelopes, async (vector) =>
  isDeepStrictEqual(await outcome(() => openEnvelope(vector.device, vector.envelope)), expected(vector)));
await report('sealed registrations, up to the members inside', registrations, async (vector) => {
  const result = await outcome(() => openRegistration(vector));
  // The members' own rules are not looked at here, but HPKE must have opened.
  return vector.refused?.check === 'plaintext'
    ? ['plaintext', 'time', undefined].includes(result.check)
    : isDeepStrictEqual(result, expected(vector));
});
await report('published keys', load('published_keys.json'), async (vector) => (await publishedResult(vector)) === vector.result);
await report('public keys (X25519)', load('public_keys.json').filter(({ curve }) => curve === 'x25519'),
  async (vector) => (await x25519Result(vector.key)) === vector.result);
await report('base64url', load('base64url.json'), async ({ text, bytes }) => {
  const { opens } = await outcome(() => decode(text));
  return opens?.toString('hex') === bytes;
});

const isHonest = ({ sealing, device }) => sealing && !device.previous_private_keys;
writeFileSync(output, JSON.stringify({
  envelopes: await Promise.all(envelopes.filter(isHonest).map(sealEnvelope)),
  registrations: await Promise.all(registrations.filter(({ opens }) => opens).map(sealRegistration)),
}));
process.exitCode = failures === 0 ? 0 : 1;
