//! A sender's administrator decides what of its usage is shared, and reads what is.
//!
//! Owns the rules of sharing: nothing without agreement to the words of today, nothing where the operator locked it
//! off, and a preview that goes the way of what is stored. Must not switch anything on by itself.

use std::sync::Arc;

use super::AuthenticatedSender;
use crate::base::{Clock, Live, to_the_end};
use crate::model::{
    Actor, Agreement, AuditEntry, Category, SenderId, SharingMode, Software, UsageRecords, WantedCategory,
};
use crate::privacy::{VolumeCounts, shown_devices};
use crate::storage::{self, ActError, ServerSoftware, Shared, Storage, StorageError};

/// The newest notifications whose outcomes a preview is made of.
const PREVIEWED: u32 = 10_000;

/// Why nothing was shared, or shown.
#[derive(Debug, thiserror::Error)]
pub enum SharingError {
    /// The operator locked sharing off for everybody.
    #[error("sharing is locked off")]
    LockedOff,
    /// What is agreed to are not the words of today.
    #[error("the wording of {0} is another one now")]
    OtherWording(Category),
    /// It was erased meanwhile.
    #[error("the sender is erased")]
    Missing,
    /// Who asked may not any more, or the store failed.
    #[error(transparent)]
    Act(#[from] ActError),
    /// The store could not be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What the operator's config says of sharing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SharingRules {
    /// Whether it is offered.
    pub mode: SharingMode,
    /// How many devices are behind a count that is written, at least.
    pub least_devices: u32,
    /// For how many days figures are kept.
    pub kept_days: u16,
}

/// What would be stored if everything were shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// What would be written now.
    pub records: UsageRecords,
    /// How many counts would not be: too few devices are behind them.
    pub withheld: usize,
}

/// What a sender shares.
pub struct Sharing {
    store: Arc<dyn storage::Sharing>,
    rules: Live<SharingRules>,
    clock: Arc<dyn Clock>,
}

impl Sharing {
    /// Shares by this store, under these rules.
    #[must_use]
    pub fn new(store: &Storage, rules: Live<SharingRules>, clock: Arc<dyn Clock>) -> Self {
        Self { store: Arc::clone(&store.sharing), rules, clock }
    }

    /// What the operator's config says.
    #[must_use]
    pub fn rules(&self) -> SharingRules {
        *self.rules.get()
    }

    /// What is agreed to.
    pub async fn show(&self, by: &AuthenticatedSender) -> Result<Vec<Agreement>, SharingError> {
        Ok(self.store.agreements(by.id).await?)
    }

    /// Shares what is `wanted` from now on, and nothing else: what was collected of the rest is erased.
    pub async fn change(
        &self,
        by: &AuthenticatedSender,
        wanted: Vec<WantedCategory>,
    ) -> Result<Vec<Agreement>, SharingError> {
        if self.rules().mode == SharingMode::LockedOff && !wanted.is_empty() {
            return Err(SharingError::LockedOff);
        }
        let (store, sender, entry) = (Arc::clone(&self.store), by.id, self.entry("sharing.on", by));
        // To its end also where the sender hangs up: memory has to follow what the database says.
        match to_the_end(async move { store.share(sender, &wanted, &entry).await }).await? {
            Shared::Done(agreements) => Ok(agreements),
            Shared::OtherWording(category) => Err(SharingError::OtherWording(category)),
            Shared::LockedOff => Err(SharingError::LockedOff),
            Shared::NoSuchSender => Err(SharingError::Missing),
        }
    }

    /// What would be stored of the sender if everything were shared, with the values of now. `software` is what names
    /// itself in this request: it stands for the server's, where that is not shared.
    pub async fn preview(
        &self,
        by: &AuthenticatedSender,
        software: Option<Software>,
    ) -> Result<Preview, SharingError> {
        let present = self.store.present_usage(by.id, PREVIEWED).await?;
        let stored = self.store.usage(by.id).await?;
        let (least, today) = (self.rules().least_devices, self.clock.now().day());
        let mut counts = VolumeCounts::default();
        for (subscription, cell) in present.ended {
            counts.add(cell, subscription, least);
        }
        let (shown, withheld): (Vec<_>, Vec<_>) = counts.pending().partition(|pending| pending.enough);
        let mut volume: Vec<_> =
            shown.into_iter().map(|pending| (pending.cell, pending.deliveries)).collect();
        volume.sort_unstable();
        let devices = shown_devices(present.devices, least).map(|devices| (today, devices));
        let software = stored.software.or(software.map(|software| (software, today)));
        let records = UsageRecords {
            volume,
            devices: devices.into_iter().collect(),
            software,
            contact: stored.contact,
        };
        Ok(Preview { records, withheld: withheld.len() })
    }

    /// All that is stored because of sharing.
    pub async fn usage(&self, by: &AuthenticatedSender) -> Result<UsageRecords, SharingError> {
        Ok(self.store.usage(by.id).await?)
    }

    /// Erases the figures; what is shared is recorded on.
    pub async fn forget(&self, by: &AuthenticatedSender) -> Result<(), SharingError> {
        let (store, sender, entry) = (Arc::clone(&self.store), by.id, self.entry("usage.delete", by));
        Ok(to_the_end(async move { store.forget_usage(sender, &entry).await }).await?)
    }

    /// Notes the software that names itself in a sender's request, where the sender shares that.
    pub fn note_software<'a>(&self, sender: SenderId, user_agent: impl FnOnce() -> Option<&'a str>) {
        let recorder = self.store.recorder();
        let Some(consent) = recorder.consent::<ServerSoftware>(sender) else { return };
        if let Some(software) = user_agent().and_then(Software::of) {
            recorder.software(&consent, software, self.clock.now().day());
        }
    }

    fn entry(&self, action: &'static str, by: &AuthenticatedSender) -> AuditEntry {
        let (subject, detail) = (by.id.to_string(), String::new());
        AuditEntry { at: self.clock.now(), actor: Actor::Sender(by.credential), action, subject, detail }
    }
}
