//! The vectors of the sealed registration: what opens, and one for every check that refuses.
//!
//! Owns the list. Read next: `registration_recipe.rs`, how each is made.

use super::{
    format::{RegistrationVector, b64},
    keys::{SEALED_AT_MS, seed, uuid, uuid_text, x25519_public},
    registration_recipe::{Recipe, key_id},
};

const HOUR_MS: u64 = 60 * 60 * 1000;

/// Every vector of the sealed registration.
pub fn all() -> Vec<RegistrationVector> {
    [good(), outer_form(), binding(), padding(), members(), values(), times()].into_iter().flatten().collect()
}

/// The members in the order of the protocol; `device` is what comes between `app` and `subscription`.
fn json(device: &str, more: &str) -> String {
    let (subscription, registration) = (uuid_text(&uuid("subscription")), uuid_text(&uuid("registration")));
    let secret_hash = b64(&seed("secret hash"));
    format!(
        r#"{{"app":"org.example.chat",{device},"subscription":"{subscription}","registration":"{registration}","secret_hash":"{secret_hash}",{more}"created_at":"2026-11-21T01:44:00Z"}}"#
    )
}

fn apns() -> String {
    let token = hex::encode(seed("device token"));
    format!(r#""push_service":"apns","environment":"production","device_token":"{token}""#)
}

fn fcm() -> String {
    r#""push_service":"fcm","device_token":"dQw4w9WgXcQ:APA91bExampleExampleExampleExample""#.to_owned()
}

fn web_push(endpoint: &str) -> String {
    // The base point of P-256, uncompressed, which is anybody's key.
    let p256dh = hex::decode(concat!(
        "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
        "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
    ));
    let (p256dh, auth) = (b64(&p256dh.unwrap()), b64(&seed("auth")[..16]));
    let address = format!(r#"{{"endpoint":"{endpoint}","p256dh":"{p256dh}","auth":"{auth}"}}"#);
    format!(r#""push_service":"webpush","device_token":{address}"#)
}

fn subscription_key() -> String {
    format!(r#""subscription_key":"{}","#, b64(&x25519_public(&seed("device private key"))))
}

fn good() -> Vec<RegistrationVector> {
    let endpoint = "https://push.example/send/9f1c";
    let previous = x25519_public(&seed("previous registration private key"));
    let with = |name, device: &str, more: &str| Recipe::good(name, &json(device, more));
    vec![
        with("APNs", &apns(), "").opens(),
        with("APNs, sandbox", &apns().replace("production", "sandbox"), "").opens(),
        with("APNs, token of PushKit", &apns(), r#""token_kind":"voip","#).opens(),
        with("FCM", &fcm(), "").opens(),
        with("Web Push", &web_push(endpoint), "").opens(),
        with("the relay may seal", &fcm(), &subscription_key()).opens(),
        with("members in another order", r#""device_token":"a","push_service":"fcm""#, "").opens(),
        with(
            "white space between members",
            "\n  \"device_token\" : \"a\",\t\"push_service\":\"fcm\"\r\n",
            "",
        )
        .opens(),
        with("an escape in a value", r#""push_service":"fcm","device_token":"\u0061\/b""#, "").opens(),
        with("a plaintext of 2,048 bytes", &web_push(&format!("{endpoint}{}", "x".repeat(900))), "").opens(),
        Recipe { length: 2048, ..with("more padding than needed", &fcm(), "") }.opens(),
        exactly(1024).opens(),
        exactly(2048).opens(),
        Recipe { key_id: key_id(&previous), sealed_to: previous, ..with("to the previous key", &fcm(), "") }
            .opens(),
    ]
}

/// A plaintext without any padding.
fn exactly(length: usize) -> Recipe {
    let shortest = json(&web_push("https://push.example/"), "").len();
    let endpoint = format!("https://push.example/{}", "y".repeat(length - shortest));
    Recipe::good(&format!("exactly {length} bytes"), &json(&web_push(&endpoint), ""))
}

fn outer_form() -> Vec<RegistrationVector> {
    let good = |name| Recipe::good(name, &json(&fcm(), ""));
    let unknown = [7; 8];
    vec![
        Recipe { version: 0, ..good("version 0") }.refused(
            "unsupported_version",
            Some("0".into()),
            "version",
        ),
        Recipe { version: 2, ..good("version 2") }.refused(
            "unsupported_version",
            Some("2".into()),
            "version",
        ),
        Recipe { suite: 2, ..good("suite 2") }.refused("unsupported_suite", Some("2".into()), "suite"),
        Recipe { key_id: unknown, ..good("an unknown key id") }.refused(
            "unknown_key_id",
            Some(hex::encode(unknown)),
            "key_id",
        ),
        Recipe { change_text: |text| text.push('='), ..good("padded base64url") }.fails("text"),
        Recipe { change_text: |text| text.push('\n'), ..good("white space after the text") }.fails("text"),
        Recipe { change_sealed: Vec::clear, ..good("nothing at all") }.fails("size"),
        Recipe { change_sealed: |bytes| bytes.truncate(1), ..good("nothing but the version") }.fails("size"),
        Recipe { change_sealed: |bytes| bytes.truncate(10), ..good("nothing but the prefix") }.fails("size"),
        Recipe { change_sealed: |bytes| bytes.truncate(1081), ..good("one byte short") }.fails("size"),
        Recipe { change_sealed: |bytes| bytes.push(0), ..good("one byte more") }.fails("size"),
        Recipe { length: 1023, ..good("a plaintext of 1,023 bytes") }.fails("size"),
        Recipe { length: 1025, ..good("a plaintext of 1,025 bytes") }.fails("size"),
        Recipe { length: 4096, ..good("a plaintext of 4,096 bytes") }.fails("size"),
    ]
}

fn binding() -> Vec<RegistrationVector> {
    let good = |name| Recipe::good(name, &json(&fcm(), ""));
    let previous = x25519_public(&seed("previous registration private key"));
    let changed = |name, change_sealed| Recipe { change_sealed, ..good(name) }.fails("hpke");
    vec![
        Recipe { sealed_for: uuid("another sender"), ..good("sealed for another sender") }.fails("hpke"),
        Recipe { sealed_to: previous, ..good("sealed to another key than it names") }.fails("hpke"),
        Recipe { info_label: b"sealpush/1 content\0", ..good("sealed for another use") }.fails("hpke"),
        changed("enc changed by one bit", |bytes| bytes[10] ^= 1),
        changed("enc of low order", |bytes| bytes[10..42].fill(0)),
        changed("the ciphertext changed by one bit", |bytes| bytes[42] ^= 1),
        changed("the tag changed by one bit", |bytes| *bytes.last_mut().unwrap() ^= 1),
    ]
}

fn padding() -> Vec<RegistrationVector> {
    let good = json(&fcm(), "");
    let refused = |name, json: &str| Recipe::good(name, json).fails("plaintext");
    vec![
        refused("a space before the object", &format!(" {good}")),
        refused("a line feed after the object", &format!("{good}\n")),
        refused("a zero byte after the object", &format!("{good}\0")),
        refused("a second object", &format!("{good}{{}}")),
        refused("an array around the object", &format!("[{good}]")),
        refused("no object", ""),
        refused("a byte order mark", &format!("\u{feff}{good}")),
        Recipe {
            json: good
                .replace("chat", "ch?t")
                .into_bytes()
                .iter()
                .map(|&b| if b == b'?' { 0xff } else { b })
                .collect(),
            ..Recipe::good("a byte that is not UTF-8", "")
        }
        .fails("plaintext"),
        refused("a comma after the last member", &good.replace("00Z\"}", "00Z\",}")),
    ]
}

fn members() -> Vec<RegistrationVector> {
    let good = json(&fcm(), "");
    let with = |name, device: &str, more: &str| Recipe::good(name, &json(device, more)).fails("plaintext");
    let mut vectors = vec![
        with("an unknown member", &fcm(), r#""topic":"x","#),
        with("a repeated member", &fcm(), r#""app":"org.example.chat","#),
        with("a repeated member, once with an escape", &fcm(), r#""\u0061pp":"org.example.chat","#),
        with("environment null", &format!(r#"{},"environment":null"#, fcm()), ""),
        with("token_kind null", &apns(), r#""token_kind":null,"#),
        with("subscription_key null", &fcm(), r#""subscription_key":null,"#),
        with("APNs without environment", &apns().replace(r#""environment":"production","#, ""), ""),
        with("FCM with environment", &format!(r#"{},"environment":"production""#, fcm()), ""),
        with(
            "Web Push with environment",
            &format!(r#"{},"environment":"sandbox""#, web_push("https://x")),
            "",
        ),
        with("FCM with token_kind", &fcm(), r#""token_kind":"voip","#),
        with("token_kind standard, which is said by leaving it out", &apns(), r#""token_kind":"standard","#),
        with("FCM with an object", &web_push("https://x").replace("webpush", "fcm"), ""),
        with("Web Push with a string", &fcm().replace("fcm", "webpush"), ""),
        with("Web Push with an array", r#""push_service":"webpush","device_token":["a","b","c"]"#, ""),
        with("an unknown member in device_token", &web_push(r#"https://x","expires":""#), ""),
        with("a repeated member in device_token", &web_push(r#"https://x","endpoint":"https://x"#), ""),
        with(
            "device_token without auth",
            r#""push_service":"webpush","device_token":{"endpoint":"a","p256dh":"b"}"#,
            "",
        ),
        with("device_token null", r#""push_service":"fcm","device_token":null"#, ""),
        with("device_token a number", r#""push_service":"fcm","device_token":7"#, ""),
    ];
    for member in
        ["app", "push_service", "device_token", "subscription", "registration", "secret_hash", "created_at"]
    {
        let renamed = good.replace(&format!(r#""{member}":"#), r#""unknown":"#);
        let mut members: serde_json::Map<_, _> = serde_json::from_str(&renamed).unwrap();
        members.remove("unknown");
        let json = serde_json::to_string(&members).unwrap();
        vectors.push(Recipe::good(&format!("without {member}"), &json).fails("plaintext"));
    }
    vectors
}

fn values() -> Vec<RegistrationVector> {
    let good = json(&fcm(), "");
    let (subscription, registration) = (uuid_text(&uuid("subscription")), uuid_text(&uuid("registration")));
    let hash = b64(&seed("secret hash"));
    let time = "2026-11-21T01:44:00Z";
    let swapped = |name, from: &str, to: &str| Recipe::good(name, &good.replace(from, to)).fails("plaintext");
    let address = web_push("https://x");
    let web = |name, from: &str, to: &str| {
        Recipe::good(name, &json(&address, "").replace(from, to)).fails("plaintext")
    };
    let (p256dh, auth) = (b64(&[4; 64]), b64(&seed("auth")[..16]));
    let version_7 = format!("{}7{}", &subscription[..14], &subscription[15..]);
    let variant_0 = format!("{}0{}", &registration[..19], &registration[20..]);
    vec![
        swapped("an unknown push service", r#""fcm""#, r#""hms""#),
        swapped("a push service in capitals", r#""fcm""#, r#""FCM""#),
        swapped("a subscription in capitals", &subscription, &subscription.to_uppercase()),
        swapped("a subscription without hyphens", &subscription, &subscription.replace('-', "")),
        swapped("a subscription of version 7", &subscription, &version_7),
        swapped("a registration of another variant", &registration, &variant_0),
        swapped("a padded secret_hash", &hash, &format!("{hash}=")),
        swapped("a secret_hash of 31 bytes", &hash, &b64(&[1; 31])),
        swapped("a secret_hash in hexadecimal", &hash, &hex::encode(seed("secret hash"))),
        Recipe::good("a subscription_key of low order", &json(&fcm(), &subscription_key_of([0; 32])))
            .fails("plaintext"),
        Recipe::good("a subscription_key above the prime", &json(&fcm(), &subscription_key_of([0xff; 32])))
            .fails("plaintext"),
        web("a p256dh of 64 bytes", address.split('"').nth(11).unwrap(), &p256dh),
        web("a padded auth", &auth, &format!("{auth}==")),
        web("an auth of 15 bytes", &auth, &b64(&[1; 15])),
        swapped("a time with fractions", time, "2026-11-21T01:44:00.000Z"),
        swapped("a time with an offset", time, "2026-11-21T01:44:00+00:00"),
        swapped("a time in small letters", time, "2026-11-21t01:44:00z"),
        swapped("a time without seconds", time, "2026-11-21T01:44Z"),
        swapped("a time that does not exist", time, "2026-11-31T01:44:00Z"),
        swapped("a leap second", time, "2026-11-21T01:44:60Z"),
        swapped("a time before 1970", time, "1969-12-31T23:59:59Z"),
        swapped("a time as a number", &format!("\"{time}\""), "1795225440"),
    ]
}

fn subscription_key_of(key: [u8; 32]) -> String {
    format!(r#""subscription_key":"{}","#, b64(&key))
}

fn times() -> Vec<RegistrationVector> {
    let at = |name, now_ms| Recipe { now_ms, ..Recipe::good(name, &json(&fcm(), "")) };
    let (oldest, newest) = (SEALED_AT_MS + 24 * HOUR_MS, SEALED_AT_MS - 5 * 60 * 1000);
    // The error carries the relay's time, so that the app can correct its clock.
    let refused = |name, now_ms: u64| at(name, now_ms).refused("time", Some(now_ms.to_string()), "time");
    vec![
        at("made exactly 24 hours ago", oldest).opens(),
        refused("made a millisecond more than 24 hours ago", oldest + 1),
        at("made exactly 5 minutes ahead", newest).opens(),
        refused("made a millisecond more than 5 minutes ahead", newest - 1),
    ]
}
