//! What the relay tells the service manager that started it (systemd's `sd_notify(3)`); nothing where there is none.

use std::convert::Infallible;

use sd_notify::NotifyState;

/// The relay listens.
pub(super) fn ready() {
    tell(&[NotifyState::Ready, NotifyState::Status("serving")]);
}

/// The relay reads its config again, and says when it is ready.
pub(super) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(_) => tell(&[NotifyState::Reloading]),
    }
}

/// The relay stops.
pub(super) fn stopping() {
    tell(&[NotifyState::Stopping, NotifyState::Status("stopping: requests under way are finished")]);
}

/// Gives signs of life, where the manager waits for them, for as long as it is polled: what polls it is what lives.
pub(super) async fn signs_of_life() -> Infallible {
    let Some(limit) = sd_notify::watchdog_enabled() else { return std::future::pending().await };
    loop {
        tell(&[NotifyState::Watchdog]);
        // sd_watchdog_enabled(3): half of the time, so that one late sign ends nothing.
        tokio::time::sleep(limit / 2).await;
    }
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "the service manager cannot be told");
    }
}
