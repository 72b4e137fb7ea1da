//! The config, which could be read: what it says that is still worth a sentence.

use super::{Area, Finding};
use crate::config::{Config, ConfigError, Mode};
use crate::model::Confirm;

/// What the example says, and nobody else should.
const EXAMPLE_NAME: &str = "Example push relay";
const EXAMPLE_CONTACT: &str = "push@example.org";

/// A config that cannot be used: its own sentence says what, where and how to mend it.
pub(super) fn refused(error: &ConfigError) -> Finding {
    let text = error.to_string();
    let (subject, rest) = match error {
        ConfigError::Read { file, .. }
        | ConfigError::Shape { file, .. }
        | ConfigError::Value { file, .. } => {
            let file = file.display().to_string();
            let rest = text.strip_prefix(&format!("{file}: ")).unwrap_or(&text).to_owned();
            (file, rest)
        }
    };
    Finding::failed(Area::Config, subject, rest)
}

pub(super) fn findings(config: &Config) -> Vec<Finding> {
    let file = config.file.display().to_string();
    let (apps, listeners) = (config.apps.len(), config.listen.len());
    let mut findings = vec![Finding::fine(
        Area::Config,
        &file,
        format!("is understood: {apps} app(s), {listeners} listener(s)"),
    )];
    if config.apps.is_empty() {
        findings.push(
            Finding::failed(
                Area::Config,
                config.apps_dir.display().to_string(),
                "holds no app, so nothing can be sent",
            )
            .mend("`sealpush app add` adds one"),
        );
    }
    if config.relay.name == EXAMPLE_NAME || config.relay.contact == EXAMPLE_CONTACT {
        findings.push(
            Finding::warning(Area::Config, &file, "relay.name or relay.contact is still the example's")
                .mend("say who you are, and how senders reach you"),
        );
    }
    if config.mode == Mode::Dev {
        findings.push(Finding::warning(
            Area::Config,
            "--dev",
            "the published example keys are taken: everybody has them",
        ));
    }
    for listen in config.listen.iter().filter(|listen| listen.tls.is_none()) {
        // Behind a proxy every request comes from the proxy.
        if config.relay.public_url.is_some() && listen.trusted_proxies.names().is_empty() {
            let text = "names no trusted proxy, so that no limit by client address counts";
            findings.push(
                Finding::warning(Area::Config, format!("listener {}", listen.at), text)
                    .mend("set trusted_proxies to the proxy before it, such as [\"127.0.0.1\"], and have the proxy write X-Forwarded-For"),
            );
        }
    }
    let unproved = config.apps.iter().filter(|app| matches!(app.app.confirm, Confirm::Off));
    for app in unproved {
        findings.push(Finding::warning(
            Area::Config,
            format!("app {}", app.app.id),
            "confirm is off: whoever knows a device token can register it",
        ));
    }
    findings
}
