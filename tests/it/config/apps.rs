//! App files.

use sealpush::model::{Confirm, ContentPolicy, Environment, PushService};

use super::{Place, says};

const HEAD: &str = "id = 'chat'\nconfirm = 'off'";

#[test]
fn an_app_comes_with_its_credentials() {
    let config = Place::new().load().unwrap();
    let chat = &config.apps[0];
    assert_eq!(chat.app.id.as_str(), "chat");
    assert_eq!(chat.app.push_services, [PushService::Apns, PushService::Fcm]);
    assert_eq!(chat.app.content_policy, ContentPolicy::SealOrOmit);
    assert_eq!(
        (chat.app.badge_allowed, chat.app.sound_allowed, chat.app.confirm),
        (false, false, Confirm::Off)
    );
    let apns = chat.apns.as_ref().unwrap();
    assert_eq!((apns.team_id.as_str(), apns.topic.as_str()), ("TEAM000001", "org.example.chat"));
    assert_eq!(apns.environments, Environment::ALL);
    assert_eq!(chat.fcm.as_ref().unwrap().project_id, "sealpush-example");
}

#[test]
fn a_config_does_not_print_its_keys() {
    let shown = format!("{:?}", Place::new().load().unwrap());
    assert!(!shown.contains("PRIVATE KEY"), "{shown}");
    assert_eq!(shown.matches("[secret]").count(), 3, "storage key, APNs key, FCM key: {shown}");
}

#[test]
fn tokens_are_proved_unless_an_app_says_off() {
    for (head, expected) in [
        ("id = 'chat'", Confirm::Required),
        ("id = 'chat'\nconfirm = 'required'", Confirm::Required),
        ("id = 'chat'\nconfirm = 'off'", Confirm::Off),
    ] {
        let place = Place::new();
        place.app(head, "");
        assert_eq!(place.load().unwrap().apps[0].app.confirm, expected, "{head}");
    }
}

#[test]
fn the_file_is_called_after_the_app() {
    let place = Place::new();
    place.app("id = 'other'\nconfirm = 'off'", "");
    says(&place.refusal(), &["apps/chat.toml: id", "other.toml"]);
}

#[test]
fn each_unusable_value_is_refused_by_its_key() {
    let apns = |key: &str, value: &str| {
        let place = Place::new();
        place.app(HEAD, "");
        let file = place.path("apps/chat.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        let line = text.lines().find(|line| line.starts_with(key)).unwrap();
        std::fs::write(&file, text.replace(line, &format!("{key} = '{value}'"))).unwrap();
        place.refusal()
    };
    says(&apns("team_id", "team"), &["apns.team_id", "`team`", "10 capital letters"]);
    says(&apns("key_id", "../../etc/"), &["apns.key_id"]);
    says(&apns("topic", "org.example.chat.voip"), &["apns.topic", ".voip"]);
    says(&apns("topic", "a\tb"), &["apns.topic", "bundle id"]);
    says(&apns("key_file", "../storage.key"), &["apns.key_file", ".p8"]);
    says(&apns("key_file", "../missing.p8"), &["apns.key_file", "missing.p8", "cannot be read"]);
    says(&apns("service_account_file", "../apns.p8"), &["fcm.service_account_file", "service-account file"]);
    says(&apns("confirm", "maybe"), &["confirm", "`maybe`"]);
    says(&apns("id", "Chat!"), &["id: `Chat!`", "a-z"]);
}

#[test]
fn an_app_needs_one_push_service() {
    let place = Place::new();
    place.write("apps/chat.toml", HEAD);
    says(&place.refusal(), &["apps/chat.toml: apns, fcm", "at least one"]);
}

#[test]
fn a_placeholder_is_at_most_128_bytes() {
    let place = Place::new();
    place.app(&format!("{HEAD}\nplaceholder = '{}'", "ü".repeat(65)), "");
    says(&place.refusal(), &["placeholder", "128 bytes"]);
}

#[test]
fn environments_are_chosen_or_both_and_never_none() {
    let place = Place::new();
    let apns = |environments: &str| {
        format!(
            "{HEAD}\n[apns]\nteam_id = 'TEAM000001'\nkey_id = 'KEY0000001'\nkey_file = '../apns.p8'\n\
             topic = 'org.example.chat'\nenvironments = {environments}\n"
        )
    };
    place.write("apps/chat.toml", &apns("['sandbox', 'sandbox']"));
    let config = place.load().unwrap();
    assert_eq!(config.apps[0].apns.as_ref().unwrap().environments, [Environment::Sandbox]);
    place.write("apps/chat.toml", &apns("[]"));
    says(&place.refusal(), &["apns.environments", "leave it out"]);
}

#[test]
fn a_token_uri_that_nobody_named_is_refused() {
    let place = Place::new();
    let file = "fcm-service-account.json";
    let account = std::fs::read_to_string(place.path(file)).unwrap();
    place.write(
        file,
        &account.replace("https://oauth2.googleapis.com/token", "https://169.254.169.254/token"),
    );
    says(&place.refusal(), &["fcm.service_account_file", "token_uri", "push_services.fcm_token_url"]);
    place.config("[push_services]\nfcm_token_url = 'https://169.254.169.254/token'\n");
    let config = place.load().unwrap();
    assert_eq!(config.apps[0].fcm.as_ref().unwrap().token_uri, "https://169.254.169.254/token");
}

#[test]
fn a_broken_service_account_file_is_refused_without_showing_it() {
    let place = Place::new();
    let file = "fcm-service-account.json";
    let account = std::fs::read_to_string(place.path(file)).unwrap();
    place.write(file, &account.replace("\"private_key\": ", "\"private_key\": 7, \"was\": "));
    let refusal = place.refusal();
    says(&refusal, &["not a service-account file"]);
    assert!(!refusal.contains("MII"), "{refusal}");
}

#[test]
fn a_key_of_another_kind_is_refused_before_the_first_notification() {
    let place = Place::new();
    let account: serde_json::Value =
        serde_json::from_slice(&std::fs::read(place.path("fcm-service-account.json")).unwrap()).unwrap();
    let (rsa, p256) =
        (account["private_key"].as_str().unwrap(), std::fs::read_to_string(place.path("apns.p8")).unwrap());
    place.write("apns.p8", rsa);
    says(&place.refusal(), &["apns.key_file", "P-256"]);
    let mut account = account.clone();
    account["private_key"] = p256.clone().into();
    place.write("apns.p8", &p256).write("fcm-service-account.json", &account.to_string());
    says(&place.refusal(), &["fcm.service_account_file", "not an RSA key"]);
}

#[test]
fn a_config_without_apps_loads_and_says_so() {
    let place = Place::new();
    std::fs::remove_file(place.path("apps/chat.toml")).unwrap();
    let config = place.load().unwrap();
    assert!(config.apps.is_empty());
    says(&config.warnings.join("\n"), &["There is no app in", "sealpush app add"]);
}
