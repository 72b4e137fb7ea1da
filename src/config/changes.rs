//! What one reading of the config changes, compared with another: at run time, or only by a restart.

use super::{AppConfig, Config, Limits, Logs};

/// What is other than before.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConfigChanges {
    /// What a running relay takes over, such as `apps.chat` or `limits`.
    pub live: Vec<String>,
    /// What only a restart takes over.
    pub restart: Vec<&'static str>,
}

impl Config {
    /// What `new` changes of this config.
    ///
    /// Every part is named here, so that a new one cannot be forgotten: whoever adds it decides.
    #[must_use]
    pub fn changes(&self, new: &Self) -> ConfigChanges {
        let Self {
            file: _,
            mode: _,
            relay,
            listen,
            operator,
            admission,
            storage,
            registration_key_files: _,
            registration_keys,
            outcomes,
            retention,
            sharing,
            limits,
            push_services,
            egress,
            logs,
            apps_dir: _,
            apps,
            warnings: _,
            key_files: _,
        } = self;
        let mut changes = ConfigChanges::default();
        let same_listeners = listen.len() == new.listen.len()
            && listen.iter().zip(&new.listen).all(|(old, new)| old.same_but_certificate(new));
        changes.restart("listen", same_listeners);
        changes.restart("operator", operator.same_but_certificate(&new.operator));
        changes.live("operator.tls", operator.tls == new.operator.tls);
        changes.live("admission", admission.mode == new.admission.mode);
        changes.restart("admission.unused_days", admission.unused_days == new.admission.unused_days);
        // Its keys are exchanged by `sealpush keys rotate storage`, which tells the running relay itself.
        let same_place = (&storage.path, &storage.key_file) == (&new.storage.path, &new.storage.key_file);
        changes.restart("storage", same_place);
        changes.restart("outcomes", *outcomes == new.outcomes);
        changes.restart("retention", *retention == new.retention);
        changes.live(
            "sharing",
            (sharing.mode, sharing.least_devices) == (new.sharing.mode, new.sharing.least_devices),
        );
        changes.restart("sharing.keep_days", sharing.keep_days == new.sharing.keep_days);
        changes.limits(limits, &new.limits);
        let Logs { format, level, access } = logs;
        changes.restart("logs.format", *format == new.logs.format);
        changes.live("logs.level", *level == new.logs.level);
        changes.live("logs.access", *access == new.logs.access);
        changes.live("registration_keys", *registration_keys == new.registration_keys);
        changes.live("relay", *relay == new.relay);
        changes.live("push_services", *push_services == new.push_services);
        changes.live("egress", *egress == new.egress);
        let certificates = listen.iter().zip(&new.listen).all(|(old, new)| old.tls == new.tls);
        changes.live("listen.tls", certificates);
        changes.apps(apps, &new.apps);
        changes
    }
}

impl ConfigChanges {
    fn restart(&mut self, part: &'static str, same: bool) {
        if !same {
            self.restart.push(part);
        }
    }

    fn live(&mut self, part: &str, same: bool) {
        if !same {
            self.live.push(part.to_owned());
        }
    }

    fn limits(&mut self, old: &Limits, new: &Limits) {
        let Limits {
            wait,
            request,
            drain,
            body_bytes,
            bytes_in_flight,
            targets,
            connections,
            address_connections,
            in_flight,
            outbox,
            rates,
        } = old;
        self.restart("limits.drain_seconds", *drain == new.drain);
        self.restart("limits.bytes_in_flight", *bytes_in_flight == new.bytes_in_flight);
        self.live("limits.rates", *rates == new.rates);
        self.restart("limits.connections", *connections == new.connections);
        self.restart("limits.address_connections", *address_connections == new.address_connections);
        self.restart("limits.in_flight", *in_flight == new.in_flight);
        let same = (wait, request, body_bytes, targets, outbox)
            == (&new.wait, &new.request, &new.body_bytes, &new.targets, &new.outbox);
        self.live("limits", same);
    }

    fn apps(&mut self, old: &[AppConfig], new: &[AppConfig]) {
        let gone = old.iter().filter(|old| new.iter().all(|new| new.app.id != old.app.id));
        let changed = new.iter().filter(|new| !old.contains(new));
        let mut ids: Vec<_> = gone.chain(changed).map(|app| format!("apps.{}", app.app.id)).collect();
        ids.sort();
        self.live.extend(ids);
    }
}
