//! The generated examples.

use std::path::Path;

use sealpush::config::Config;

use super::Place;

/// The example with every commented key switched on but the alternatives of a key that is set already.
fn switched_on(example: &str) -> String {
    let assignment = |line: &str| {
        let key = line.split(" = ").next().unwrap_or_default();
        line.contains(" = ") && !key.is_empty() && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
    };
    example
        .lines()
        .map(|line| {
            line.strip_prefix("# ").filter(|rest| assignment(rest) || rest.starts_with('[')).unwrap_or(line)
        })
        .filter(|line| !["unix_socket", "systemd_socket", "tls = "].iter().any(|key| line.starts_with(key)))
        .collect::<Vec<_>>()
        .join("\n")
}

fn place_with(config: &str) -> Place {
    let place = Place::new();
    place.write("sealpush.toml", config);
    std::fs::copy(place.path("tls.pem"), place.path("push-services-ca.pem")).unwrap();
    place.write("proxy.credentials", "relay:a password");
    place
}

#[test]
fn the_example_loads_as_it_is() {
    place_with(&Config::example()).load().unwrap();
}

#[test]
fn every_commented_key_of_the_example_is_a_real_key() {
    place_with(&switched_on(&Config::example())).load().unwrap();
}

#[test]
fn the_commented_defaults_are_the_defaults() {
    let silent = place_with(&Config::example()).load().unwrap();
    let spoken = place_with(&switched_on(&Config::example())).load().unwrap();
    assert_eq!(silent.limits, spoken.limits);
    assert_eq!(silent.outcomes, spoken.outcomes);
    assert_eq!(silent.sharing, spoken.sharing);
    assert_eq!(silent.logs, spoken.logs);
    assert_eq!(silent.relay.content_policy, spoken.relay.content_policy);
    assert_eq!(silent.operator.address, spoken.operator.address);
    assert_eq!(silent.push_services.fcm, spoken.push_services.fcm);
    assert_eq!(silent.push_services.apns_production, spoken.push_services.apns_production);
    assert_eq!(silent.push_services.request, spoken.push_services.request);
    assert_eq!(silent.storage.path.file_name(), spoken.storage.path.file_name());
}

#[test]
fn every_key_of_the_example_app_is_a_real_key() {
    let place = Place::new();
    std::fs::copy(place.path("apns.p8"), place.path("apps/chat-apns.p8")).unwrap();
    std::fs::copy(place.path("fcm-service-account.json"), place.path("apps/chat-fcm-service-account.json"))
        .unwrap();
    place.write("apps/chat.toml", &Config::example_app());
    let silent = place.load().unwrap().apps.remove(0);
    place.write("apps/chat.toml", &switched_on(&Config::example_app()));
    let spoken = place.load().unwrap().apps.remove(0);
    assert_eq!(format!("{silent:?}"), format!("{spoken:?}"));
}

/// `SEALPUSH_WRITE_EXAMPLES=1 cargo test the_committed_examples` writes them anew.
#[test]
fn the_committed_examples_are_the_generated_ones() {
    let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy");
    for (file, generated) in
        [("sealpush.example.toml", Config::example()), ("app.example.toml", Config::example_app())]
    {
        let path = deploy.join(file);
        #[expect(clippy::disallowed_methods, reason = "a switch for whoever changes the examples")]
        if std::env::var_os("SEALPUSH_WRITE_EXAMPLES").is_some() {
            std::fs::write(&path, &generated).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), generated, "{file} is out of date");
    }
}
