//! Key files: who may read them, and the published ones that nobody may use.

use std::collections::BTreeSet;
use std::path::Path;

use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;
use sealpush::config::{Config, KeyFingerprint, Mode, PUBLISHED_KEYS};

use super::place::keys_example;
use super::{Place, says};

/// A place whose keys are nobody else's.
fn own_keys() -> Place {
    let place = Place::new();
    let pair = rcgen::KeyPair::generate().unwrap();
    let certificate =
        rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&pair).unwrap();
    let key = pair.serialize_pem();
    place.write("tls.pem", &certificate.pem());
    let storage = sealpush_seal::base64url::encode(&[7; 32]);
    place.write("storage.key", &format!("{storage}\n")).write("apns.p8", &key).write("tls.key", &key);
    let apns = "id = 'chat'\nconfirm = 'off'\n[apns]\nteam_id = 'TEAM000001'\nkey_id = 'KEY0000001'\n\
                key_file = '../apns.p8'\ntopic = 'org.example.chat'\n";
    place.write("apps/chat.toml", apns);
    place
}

#[test]
fn own_keys_that_only_the_owner_can_read_pass_without_a_warning() {
    let config = own_keys().load_for_real().unwrap();
    assert_eq!(config.warnings, Vec::<String>::new());
    assert_eq!(config.storage.key.expose(), &[7; 32]);
}

#[test]
fn a_key_that_others_can_read_is_refused_with_the_command_that_mends_it() {
    for mode in [0o604, 0o644, 0o660, 0o666, 0o602] {
        let place = own_keys();
        place.set_mode("storage.key", mode);
        let refusal = place.load_for_real().unwrap_err().to_string();
        says(&refusal, &["storage.key_file", "chmod 600", &format!("{mode:04o}")]);
    }
}

#[test]
fn a_key_that_its_group_can_read_passes_with_a_warning() {
    let place = own_keys();
    place.set_mode("apns.p8", 0o640);
    let config = place.load_for_real().unwrap();
    says(&config.warnings.join("\n"), &["apns.key_file", "group", "0640"]);
}

#[test]
fn a_storage_key_of_another_size_is_refused_with_the_command_that_makes_one() {
    for key in [String::new(), "AAAA".into(), "=".repeat(43), sealpush_seal::base64url::encode(&[7; 33])] {
        let place = own_keys();
        place.write("storage.key", &key);
        says(&place.refusal(), &["storage.key_file", "32 random bytes", "sealpush keys generate storage"]);
    }
}

#[test]
fn an_endless_key_file_is_refused() {
    let place = own_keys();
    place.write("storage.key", &"A".repeat(1024 * 1024 + 1));
    says(&place.refusal(), &["storage.key_file", "longer than 1 MiB"]);
}

#[test]
fn each_published_example_key_is_refused_for_real() {
    let tls = "[listen]\naddress = '[::]:443'\ntls = { certificate = 'tls.pem', key = 'tls.key' }\n";
    for (file, key) in [
        ("storage.key", "storage.key_file"),
        ("apns.p8", "apns.key_file"),
        ("tls.key", "listen.tls.key"),
        ("fcm-service-account.json", "fcm.service_account_file"),
    ] {
        let place = own_keys();
        place.config(tls);
        let published = |file: &str| std::fs::read_to_string(keys_example().join(file)).unwrap();
        place.write(file, &published(file));
        if file == "tls.key" {
            place.write("tls.pem", &published("tls.pem"));
        }
        if file == "fcm-service-account.json" {
            place.write(
                "apps/chat.toml",
                &format!("id = 'chat'\nconfirm = 'off'\n[fcm]\nservice_account_file = '../{file}'\n"),
            );
        }
        let refusal = place.load_for_real().expect_err(file).to_string();
        says(&refusal, &[key, "published example key", "--dev"]);
        place.load().unwrap();
    }
}

#[test]
fn the_examples_load_for_trying_out() {
    let config = Config::load(&keys_example().join("sealpush.toml"), Mode::Dev).unwrap();
    assert_eq!(config.apps.len(), 1);
    assert_eq!(config.operator.socket, keys_example().join("operator.sock"));
    assert_eq!(config.warnings, Vec::<String>::new());
}

#[test]
fn paths_begin_at_the_directory_of_their_file_also_where_that_is_a_relative_one() {
    // Cargo runs tests in the directory of the package.
    let config = Config::load("keys-example/sealpush.toml".as_ref(), Mode::Dev).unwrap();
    assert_eq!(config.storage.path, Path::new("keys-example/sealpush.db"));
    assert_eq!(config.operator.socket, Path::new("keys-example/operator.sock"));
}

#[test]
fn the_list_of_published_keys_is_what_the_directory_holds() {
    let mut held = BTreeSet::new();
    for entry in std::fs::read_dir(keys_example()).unwrap() {
        let path = entry.unwrap().path();
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        if let Some(key) = private_key(&text) {
            let file = path.file_name().unwrap().to_string_lossy().into_owned();
            held.insert((file, KeyFingerprint::of(&key).to_string()));
        }
    }
    let listed: BTreeSet<_> =
        PUBLISHED_KEYS.iter().map(|(file, hash)| ((*file).to_owned(), (*hash).to_owned())).collect();
    assert_eq!(held, listed);
}

/// The private key in a file of any kind that we publish: PEM, PEM inside JSON, a ring, or 32 bytes of base64url.
fn private_key(text: &str) -> Option<Vec<u8>> {
    let json: Option<serde_json::Value> = serde_json::from_str(text).ok();
    let pem =
        json.as_ref().and_then(|json| json["private_key"].as_str().or(json["keys"][0]["private"].as_str()));
    let pem = pem.unwrap_or(text);
    PrivateKeyDer::from_pem_slice(pem.as_bytes())
        .map(|key| key.secret_der().to_vec())
        .ok()
        .or_else(|| sealpush_seal::base64url::decode(pem.trim()).ok().filter(|key| key.len() == 32))
}
