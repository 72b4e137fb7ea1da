//! The sections of the config file.

use std::time::Duration;

use sealpush::config::LogFormat;
use sealpush::model::{ContentPolicy, SharingMode};

use super::{Place, says};

#[test]
fn the_least_config_takes_the_documented_defaults() {
    let place = Place::new();
    let config = place.load().unwrap();
    assert_eq!(config.relay.content_policy, ContentPolicy::SealOrOmit);
    assert_eq!(config.listen[0].at.to_string(), "127.0.0.1:8480");
    assert_eq!(config.operator.address.to_string(), "127.0.0.1:8481");
    assert_eq!(config.operator.socket, place.path("operator.sock"));
    assert_eq!(config.storage.path, place.path("sealpush.db"));
    assert_eq!(config.outcomes.keep, Duration::from_hours(24));
    assert_eq!((config.limits.wait, config.limits.targets), (Duration::from_secs(10), 1000));
    assert_eq!(config.limits.body_bytes, 5 * 1024 * 1024);
    assert_eq!(config.push_services.apns_production, "https://api.push.apple.com");
    assert_eq!(config.push_services.fcm, "https://fcm.googleapis.com");
    assert_eq!(config.logs.format, LogFormat::Human);
}

#[test]
fn an_unknown_key_is_named_with_its_line() {
    let place = Place::new();
    place.config("[outcomes]\nkeep_days = 1\n");
    says(&place.refusal(), &["sealpush.toml", "line 7", "keep_days", "keep_hours", "config example"]);
}

#[test]
fn an_unknown_section_is_refused() {
    let place = Place::new();
    place.config("[telemetry]\nreport = true\n");
    says(&place.refusal(), &["telemetry", "unknown field"]);
}

#[test]
fn a_missing_name_is_named() {
    let place = Place::new();
    place.write("sealpush.toml", "[relay]\ncontact = 'a@b'\n[storage]\nkey_file = 'storage.key'\n");
    says(&place.refusal(), &["sealpush.toml", "missing field `name`"]);
}

#[test]
fn a_missing_file_says_how_to_name_it() {
    let place = Place::new();
    std::fs::remove_file(place.path("sealpush.toml")).unwrap();
    says(&place.refusal(), &["sealpush.toml", "SEALPUSH_CONFIG", "--config"]);
}

#[test]
fn each_value_out_of_range_is_refused_by_its_key() {
    for (text, key) in [
        ("[outcomes]\nkeep_hours = 673", "outcomes.keep_hours"),
        ("[sharing]\nleast_devices = 4", "sharing.least_devices"),
        ("[sharing]\nkeep_days = 0", "sharing.keep_days"),
        ("[sharing]\nkeep_days = 401", "sharing.keep_days"),
        ("[limits]\nwait_seconds = 0", "limits.wait_seconds"),
        ("[limits]\naddress_connections = 0", "limits.address_connections"),
        ("[limits]\nwait_seconds = 61", "limits.wait_seconds"),
        ("[limits]\ntargets = 1001", "limits.targets"),
        ("[limits]\nbody_bytes = 100", "limits.body_bytes"),
        ("[limits]\nbytes_in_flight = 10485759", "limits.bytes_in_flight"),
        ("[limits]\nin_flight = 0", "limits.in_flight"),
        ("[limits.rates]\nsender_requests = \"0 per minute\"", "limits.rates.sender_requests"),
        ("[limits.rates]\nsender_targets = \"999 per minute\"", "limits.rates.sender_targets"),
        ("[limits.rates]\nsender_request = \"off\"", "limits.rates.sender_request"),
        ("[push_services]\nrequest_seconds = 9", "push_services.request_seconds"),
        ("[push_services]\nfcm_url = 'http://localhost'", "push_services.fcm_url"),
        ("[push_services]\napns_sandbox_url = 'https://a/3/device'", "push_services.apns_sandbox_url"),
        ("[push_services]\nfcm_token_url = 'file:///etc/passwd'", "push_services.fcm_token_url"),
        ("[push_services]\nca_file = 'storage.key'", "push_services.ca_file"),
    ] {
        let place = Place::new();
        place.config(text);
        says(&place.refusal(), &["sealpush.toml: ", key]);
    }
}

#[test]
fn outcomes_may_be_kept_for_no_time_at_all() {
    let place = Place::new();
    place.config("[outcomes]\nkeep_hours = 0\n");
    assert_eq!(place.load().unwrap().outcomes.keep, Duration::ZERO);
}

#[test]
fn sharing_is_offered_or_locked_off_by_a_word_or_a_table() {
    let place = Place::new();
    let sharing = place.load().unwrap().sharing;
    assert_eq!((sharing.mode, sharing.least_devices, sharing.keep_days), (SharingMode::Offered, 5, 90));
    place.config("[sharing]\nmode = \"locked_off\"\nkeep_days = 30\n");
    let sharing = place.load().unwrap().sharing;
    assert_eq!((sharing.mode, sharing.keep_days), (SharingMode::LockedOff, 30));
    let config = std::fs::read_to_string(place.path("sealpush.toml")).unwrap();
    let without = config.split("[sharing]").next().unwrap().to_owned();
    place.write("sealpush.toml", &format!("sharing = \"locked_off\"\n{without}"));
    assert_eq!(place.load().unwrap().sharing.mode, SharingMode::LockedOff);
    place.write("sealpush.toml", &format!("sharing = \"on\"\n{without}"));
    says(&place.refusal(), &["sealpush.toml", "line 1", "locked_off"]);
}

#[test]
fn what_the_relay_says_of_itself_is_checked() {
    let relay = |key: &str| {
        let place = Place::new();
        let text =
            format!("[storage]\nkey_file = 'storage.key'\n[relay]\nname = 'a'\ncontact = 'b'\n{key}\n");
        place.write("sealpush.toml", &text);
        place.load().map(|config| config.relay).map_err(|error| error.to_string())
    };
    assert_eq!(relay("country = 'DE'").unwrap().country.as_deref(), Some("DE"));
    assert_eq!(
        relay("public_url = 'https://push.example.org/'").unwrap().public_url.as_deref(),
        Some("https://push.example.org")
    );
    says(&relay("country = 'Germany'").unwrap_err(), &["relay.country", "two capital letters"]);
    says(&relay("terms_url = 'http://example.org'").unwrap_err(), &["relay.terms_url", "not encrypted"]);
    says(&relay("content_policy = 'open'").unwrap_err(), &["open", "sealed_only"]);
}
