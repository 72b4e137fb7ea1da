//! All that can be searched, and all that must not be found in it.

use std::path::Path;

use super::cast::Cast;
use super::needle::{Needle, SecretKind};
use super::scan::{Place, PlaceKind};
use super::scene::Scene;
use super::stage::Stage;
use crate::cli::content::Content;

/// The secrets of the people in the demo.
pub(crate) fn secrets_of(cast: &Cast) -> Vec<Needle> {
    let mut needles = Vec::new();
    for server in [&cast.chat, &cast.forum] {
        let name = format!("the credential of {}", server.name);
        let credential = server.keys.credential.expose();
        needles.extend(Needle::text(name.as_str(), SecretKind::Credential, credential));
        // The 32 bytes alone, without the id that stands in front of them in the token.
        needles.extend(Needle::bytes(name, SecretKind::Credential, &secret_bytes(credential)));
        if let Some(identity) = &server.keys.identity {
            let name = format!("the identity key of {}", server.name);
            needles.extend(Needle::bytes(name, SecretKind::PrivateKey, &*identity.to_bytes()));
        }
    }
    for phone in cast.phones() {
        let token = &phone.address().device_token;
        let name = format!("the device token of the {}", phone.name());
        needles.extend(Needle::text(name.as_str(), SecretKind::DeviceToken, token));
        if let Ok(bytes) = hex::decode(token) {
            needles.extend(Needle::bytes(name, SecretKind::DeviceToken, &bytes));
        }
        let credential = phone.registered().credential.expose();
        let name = format!("the registration's credential of the {}", phone.name());
        needles.extend(Needle::text(name.as_str(), SecretKind::Credential, credential));
        needles.extend(Needle::bytes(name, SecretKind::Credential, &secret_bytes(credential)));
        if let Some(private) = phone.private() {
            let name = format!("the private key of the {}", phone.name());
            needles.extend(Needle::bytes(name, SecretKind::PrivateKey, &*private.to_bytes()));
        }
    }
    needles
}

/// What stands in a content that people could read. Short texts are left out: they would be found by chance.
pub(crate) fn secrets_in(content: &Content, whose: &str, kind: SecretKind) -> Vec<Needle> {
    let texts = content.texts();
    let mut needles: Vec<_> = texts
        .iter()
        .enumerate()
        .filter_map(|(index, text)| {
            let part = ["title", "body"].get(index).copied().unwrap_or("data");
            Needle::text(format!("the {part} for the {whose}"), kind, text)
        })
        .collect();
    needles.extend(Needle::bytes(format!("the content for the {whose}"), kind, &content.to_json()));
    needles
}

/// The envelope that the push service got in a scene.
pub(crate) fn envelope_in(scene: &Scene) -> Option<Needle> {
    let message = scene.push.body.get("data").unwrap_or(&scene.push.body);
    let seal = message.get("seal")?.as_str()?;
    let bytes = sealpush_seal::base64url::decode(seal).ok()?;
    Needle::bytes(format!("the envelope for the {}", scene.phone), SecretKind::Envelope, &bytes)
}

/// Every place, as it is now.
pub(crate) async fn places(stage: &Stage, scenes: &[Scene]) -> anyhow::Result<Vec<Place>> {
    let mut places = Vec::new();
    files(&stage.folder.path("relay"), stage.folder.root(), &mut places)?;
    places.push(Place { kind: PlaceKind::Log, name: "the log".to_owned(), bytes: stage.log.bytes() });
    let metrics = stage.metrics().await?;
    places.push(Place { kind: PlaceKind::Metrics, name: "the metrics".to_owned(), bytes: metrics });
    for record in stage.simulator.records() {
        places.push(Place {
            kind: PlaceKind::PushService,
            name: format!("{} {} at {:?}", record.method, without_token(&record.path), record.host),
            bytes: serde_json::to_vec(&record)?,
        });
    }
    for scene in scenes {
        let kind =
            if scene.plan.relay_may_read { PlaceKind::FromOtherSender } else { PlaceKind::FromSealingSender };
        let answer = format!("{:?}", scene.answer);
        let bytes = [&scene.request[..], b"\n", answer.as_bytes()].concat();
        places.push(Place { kind, name: format!("the request of {}", scene.server), bytes });
    }
    Ok(places)
}

/// Every file below `folder`.
fn files(folder: &Path, root: &Path, places: &mut Vec<Place>) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files(&path, root, places)?;
        } else if path.is_file() {
            let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
            places.push(Place { kind: PlaceKind::RelayFile, name, bytes: std::fs::read(&path)? });
        }
    }
    Ok(())
}

/// The secret half of a bearer token: prefix, then base64url of id (16 bytes), secret (32), check digits (4).
fn secret_bytes(token: &str) -> Vec<u8> {
    let encoded = token.get(5..).unwrap_or_default();
    let bytes = sealpush_seal::base64url::decode(encoded).unwrap_or_default();
    bytes.get(16..48).unwrap_or_default().to_vec()
}

/// A path for people: Apple's ends in a device token.
fn without_token(path: &str) -> String {
    match path.strip_prefix("/3/device/") {
        Some(token) => format!("/3/device/{}…", token.get(..6).unwrap_or_default()),
        None => path.to_owned(),
    }
}
