//! Takes a changed config over while the relay runs: all of it, or nothing.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::Mutex;

use super::convert;
use super::live_config::LiveConfig;
use super::tls::TlsDoor;
use crate::config::{Config, ConfigChanges};
use crate::intake::{RateLimits, UsageWriter};
use crate::operator::{NotedPolicy, Reload, ReloadRefused, Reloaded};
use crate::push_services::PushServices;
use crate::telemetry::set_log_level;

/// What a running relay can change of itself.
pub(super) struct Reloader {
    /// The config that the relay runs with. Held while another is taken over: two reloads never mix.
    pub(super) running: Mutex<Config>,
    pub(super) live: LiveConfig,
    pub(super) push_services: Arc<PushServices>,
    pub(super) rate_limits: Arc<RateLimits>,
    pub(super) usage_writer: Arc<UsageWriter>,
    /// One for each listener of the config, where it ends TLS; the operator's comes last.
    pub(super) doors: Vec<Option<Arc<TlsDoor>>>,
}

#[async_trait]
impl Reload for Reloader {
    async fn reload(&self) -> Result<Reloaded, ReloadRefused> {
        let reloaded = self.read_and_take_over().await;
        match &reloaded {
            Ok(Reloaded { changed, warnings, policies: _ }) => {
                for warning in warnings {
                    tracing::warn!("{warning}");
                }
                let what = if changed.is_empty() { "nothing" } else { &changed.join(", ") };
                tracing::info!("the config was read again; changed: {what}");
            }
            Err(refused) => {
                tracing::error!(error = %refused, "the new config was not taken over; nothing was changed");
            }
        }
        reloaded
    }
}

impl Reloader {
    async fn read_and_take_over(&self) -> Result<Reloaded, ReloadRefused> {
        let mut running = self.running.lock().await;
        let (file, mode) = (running.file.clone(), running.mode);
        let new = tokio::task::spawn_blocking(move || Config::load(&file, mode))
            .await
            .map_err(|_| broken(&"reading the config panicked"))?
            .map_err(|error| broken(&error))?;
        let ConfigChanges { live, restart } = running.changes(&new);
        if !restart.is_empty() {
            return Err(ReloadRefused::NeedsRestart(restart));
        }
        self.take_over(&new)?;
        let (warnings, policies) = (new.warnings.clone(), NotedPolicy::all(&new));
        *running = new;
        // Where sharing was locked off or offered again: at once.
        self.usage_writer.write_or_say_why().await;
        Ok(Reloaded { changed: live, warnings, policies })
    }

    /// What can fail comes first, and changes nothing; then the push services, so that no app is known before
    /// its credentials are.
    fn take_over(&self, new: &Config) -> Result<(), ReloadRefused> {
        let mut prepared = Vec::new();
        let listeners = new.listen.iter().map(|listen| listen.tls.as_ref());
        for (door, tls) in self.doors.iter().zip(listeners.chain([new.operator.tls.as_ref()])) {
            if let (Some(door), Some(tls)) = (door, tls) {
                prepared.push((door, door.prepare(tls).map_err(|error| broken(&format!("{error:#}")))?));
            }
        }
        let (credentials, settings) =
            convert::push_settings(new).map_err(|error| broken(&format!("{error:#}")))?;
        self.push_services.replace(credentials, settings).map_err(|error| broken(&error))?;
        for (door, prepared) in prepared {
            door.install(prepared);
        }
        self.live.set(new);
        self.rate_limits.replace(&new.limits.rates);
        set_log_level(new.logs.level);
        Ok(())
    }
}

fn broken(error: &dyn std::fmt::Display) -> ReloadRefused {
    ReloadRefused::Broken(error.to_string())
}
