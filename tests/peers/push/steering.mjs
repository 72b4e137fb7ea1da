// What the two Node peers share: the simulator's control API, and the count of checks. Knows nothing of either peer.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

export const simulator = JSON.parse(process.env.PUSH_SIMULATOR);
export const topic = "com.example.chat";
export const ca = readFileSync(simulator.files.ca, "utf8");
export const key = readFileSync(simulator.files.apns_key, "utf8");
export const team = simulator.apns_team;

async function call(method, path, body) {
  const response = await fetch(simulator.control + path, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${method} ${path}: ${answer.error}`);
  return answer;
}

/** A device token for a topic; `environment` is `production` or `sandbox`. */
export async function device(deviceTopic = topic, environment = "production") {
  const body = { push_service: "apns", topic: deviceTopic, environment };
  return (await call("POST", "/devices", body)).token;
}

/** What the phone got. */
export async function inbox(token) {
  return (await call("GET", `/devices/${token}/pushes`)).pushes;
}

/** The app leaves the phone; `at` is in unix milliseconds. */
export const unregister = (token, at) => call("DELETE", `/devices/${token}?at_ms=${at}`);

/** A rule for the next `times` pushes to one device. */
export const rule = (token, effect, times = 1) =>
  call("POST", "/rules", { target: { device: token }, effect, times });

/** Everything that a rule can ask for by name. */
export const reasons = () => call("GET", "/reasons");

/** Every recorded request. */
export const records = async () => (await call("GET", "/records")).records;

export const goaway = () => call("POST", "/goaway");

let failures = 0;

/** One check: a sentence, and what has to hold. */
export async function check(peer, sentence, test) {
  try {
    await test();
    console.log(`ok: ${peer}: ${sentence}`);
  } catch (error) {
    failures += 1;
    console.log(`not ok: ${peer}: ${sentence}: ${error.stack}`);
  }
}

/** Ends the process as the checks went. */
export function finish() {
  process.exit(failures === 0 ? 0 : 1);
}

export { assert };
