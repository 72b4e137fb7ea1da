//! Ends and erases what its time is over for: the one place that runs all retention.
//!
//! Owns when it runs and how much it does at a time. The ages are pure rules of [`crate::privacy`]. Must not touch
//! what is still promised.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::clock_jump::ClockJump;
use crate::base::{Clock, UnixMillis};
use crate::config;
use crate::model::{Actor, AuditEntry};
use crate::privacy::Ends;
use crate::storage::{
    Admission, Audit, Credentials, Feedback, OperatorTokens, Outbox, Retention, Sharing, Storage,
    StorageError,
};

/// Between two sweeps of what ends by the hour: outcomes, codes, answers.
const PAUSE: Duration = Duration::from_mins(1);
/// Between an erasure that somebody asked for and its overwriting in the files.
const SOON: Duration = Duration::from_secs(1);
/// Before what could not be overwritten is tried again.
const OVERWRITE_AGAIN: Duration = Duration::from_secs(30);
/// Sweeps between two walks over every registration and subscription, whose ends count in days.
const WALK_EVERY: u32 = 60;
/// How long a used invite stays, for who lost the answer and repeats the request.
const USED_INVITE: Duration = Duration::from_hours(1);
/// How long figures of usage are kept that senders share, where the config says nothing else.
const USAGE: Duration = Duration::from_hours(24 * 90);
/// The most rows in one transaction, so that no sweep holds up those who wait to write.
const BATCH: u32 = 1000;

/// What a sweep ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Notifications whose outcomes were forgotten.
    pub outcomes: u64,
    /// Codes and answers to sealed registrations.
    pub proofs: u64,
    /// Ends of subscriptions of which no sender wanted to know.
    pub feedback: u64,
    /// Invites, senders' credentials and operators' tokens. They stop counting at their time by themselves.
    pub authority: u64,
    /// Registrations that nobody used.
    pub registrations: u64,
    /// Subscriptions that nobody used, not counting those of ended registrations.
    pub subscriptions: u64,
    /// Senders that joined an open relay, and that nobody used.
    pub senders: u64,
    /// Figures of usage that senders shared.
    pub usage: u64,
    /// Entries of the audit log.
    pub audit: u64,
}

/// Ends what its time is over for, a few rows at a time.
pub struct Sweeper {
    outbox: Arc<dyn Outbox>,
    feedback: Arc<dyn Feedback>,
    retention: Arc<dyn Retention>,
    admission: Arc<dyn Admission>,
    credentials: Arc<dyn Credentials>,
    tokens: Arc<dyn OperatorTokens>,
    audit: Arc<dyn Audit>,
    clock: Arc<dyn Clock>,
    kept: config::Retention,
    jump: ClockJump,
    unused_senders: Option<Duration>,
    sharing: Arc<dyn Sharing>,
    usage: Duration,
}

impl Sweeper {
    /// A sweeper of this store, which keeps each kind for as long as `kept` says. Senders that joined an open relay end
    /// after `unused_senders` without use, if ever.
    #[must_use]
    pub fn new(
        store: &Storage,
        clock: Arc<dyn Clock>,
        kept: config::Retention,
        unused_senders: Option<Duration>,
    ) -> Self {
        Self {
            outbox: Arc::clone(&store.outbox),
            feedback: Arc::clone(&store.feedback),
            retention: Arc::clone(&store.retention),
            admission: Arc::clone(&store.admission),
            credentials: Arc::clone(&store.credentials),
            tokens: Arc::clone(&store.operator_tokens),
            audit: Arc::clone(&store.audit),
            clock,
            kept,
            jump: ClockJump::default(),
            unused_senders,
            sharing: Arc::clone(&store.sharing),
            usage: USAGE,
        }
    }

    /// The same; figures of usage that senders share are kept for so long.
    #[must_use]
    pub fn keeping_usage(self, usage: Duration) -> Self {
        Self { usage, ..self }
    }

    /// Sweeps until `shutdown`.
    pub async fn run(mut self, shutdown: CancellationToken) {
        let mut pause = tokio::time::interval(PAUSE);
        let mut turn = 0;
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                _ = pause.tick() => {}
                () = self.retention.overwriting_asked() => {
                    self.overwrite_soon(&shutdown).await;
                    continue;
                }
            }
            let walks = turn % WALK_EVERY == 0;
            turn = turn.wrapping_add(1);
            // A walk over a million rows must not hold up the end.
            let swept = tokio::select! {
                () = shutdown.cancelled() => return,
                swept = self.turn(walks) => swept,
            };
            match swept {
                Ok(Swept { registrations, subscriptions, senders, .. }) => {
                    if registrations + subscriptions > 0 {
                        tracing::info!(
                            count = registrations + subscriptions,
                            "registrations and subscriptions that nobody used any more have ended"
                        );
                    }
                    if senders > 0 {
                        tracing::info!(
                            count = senders,
                            "senders that joined and that nobody used are erased"
                        );
                    }
                }
                Err(error) => tracing::error!(%error, "the store failed; trying again"),
            }
        }
    }

    /// What was erased on request is gone from the files a moment later: one pass for all who asked meanwhile.
    async fn overwrite_soon(&self, shutdown: &CancellationToken) {
        // At the end at once.
        let _ = tokio::time::timeout(SOON, shutdown.cancelled()).await;
        if let Err(error) = self.retention.overwrite_ended().await {
            tracing::error!(%error, "what was erased could not be overwritten; trying again");
            let _ = tokio::time::timeout(OVERWRITE_AGAIN, shutdown.cancelled()).await;
        }
    }

    /// Sweeps, unless the clock has jumped ahead: what is erased by a wrong clock does not come back when it is set
    /// right.
    pub async fn turn(&mut self, walks: bool) -> Result<Swept, StorageError> {
        let (last, today) = (self.retention.last_swept().await?, self.clock.now().day());
        if !self.jump.believes(last, today, Instant::now()) {
            return Ok(Swept::default());
        }
        let swept = self.sweep(walks).await?;
        if last != Some(today) {
            self.retention.note_swept(today).await?;
        }
        Ok(swept)
    }

    /// Ends everything whose time is over now; registrations and subscriptions only where it `walks` over them.
    pub async fn sweep(&self, walks: bool) -> Result<Swept, StorageError> {
        let now = self.clock.now();
        let ends = Ends::at(now, &self.kept);
        // Each kind by itself: one that fails must not keep the others for ever.
        let outcomes = self.forget_outcomes(now).await;
        let proofs = self.forget_proofs(&ends, now).await;
        let authority = self.end_authority(now).await;
        let mut swept = Swept::default();
        let feedback = self.forget_feedback(&ends).await;
        let usage = self.forget_usage(now).await;
        let walked = if walks { self.walk(&ends, now, &mut swept).await } else { Ok(()) };
        let senders = if walks { self.erase_unused_senders(now).await } else { Ok(0) };
        let audit = if walks { self.cut_audit_log(&ends, now).await } else { Ok(0) };
        let removals = if walks { self.retention.forget_removals(ends.removals).await } else { Ok(()) };
        let of = |ended: &Result<u64, StorageError>| *ended.as_ref().unwrap_or(&1);
        let walked_over = swept.registrations + swept.subscriptions + of(&senders) + of(&audit);
        if of(&proofs) + of(&authority) + of(&feedback) + walked_over > 0 || walked.is_err() {
            self.retention.overwrite_ended().await?;
        }
        walked?;
        removals?;
        Ok(Swept {
            outcomes: outcomes?,
            proofs: proofs?,
            authority: authority?,
            senders: senders?,
            feedback: feedback?,
            usage: usage?,
            audit: audit?,
            ..swept
        })
    }

    async fn forget_outcomes(&self, now: UnixMillis) -> Result<u64, StorageError> {
        let mut all = 0;
        loop {
            let forgotten = self.outbox.forget(now, BATCH).await?;
            all += forgotten;
            if forgotten < u64::from(BATCH) {
                return Ok(all);
            }
        }
    }

    async fn forget_feedback(&self, ends: &Ends) -> Result<u64, StorageError> {
        let mut all = 0;
        loop {
            let forgotten = self.feedback.forget_feedback(ends.feedback, BATCH).await?;
            all += forgotten;
            if forgotten < u64::from(BATCH) {
                return Ok(all);
            }
        }
    }

    async fn forget_usage(&self, now: UnixMillis) -> Result<u64, StorageError> {
        let (before, mut all) = (now.minus(self.usage).day(), 0);
        loop {
            let forgotten = self.sharing.forget_usage_before(before, BATCH).await?;
            all += forgotten;
            if forgotten < u64::from(BATCH) {
                return Ok(all);
            }
        }
    }

    async fn forget_proofs(&self, ends: &Ends, now: UnixMillis) -> Result<u64, StorageError> {
        let mut all = 0;
        loop {
            let forgotten = self.retention.forget_proofs(ends, now, BATCH).await?;
            all += forgotten;
            if forgotten < u64::from(BATCH) {
                return Ok(all);
            }
        }
    }

    async fn end_authority(&self, now: UnixMillis) -> Result<u64, StorageError> {
        let used_before = now.minus(USED_INVITE);
        let mut all = 0;
        loop {
            let ended = [
                self.admission.forget_invites(now, used_before, BATCH).await?,
                self.credentials.forget_expired(now, BATCH).await?,
                self.tokens.forget_expired(now, BATCH).await?,
            ];
            all += ended.iter().sum::<u64>();
            if ended.iter().all(|ended| *ended < u64::from(BATCH)) {
                return Ok(all);
            }
        }
    }

    async fn erase_unused_senders(&self, now: UnixMillis) -> Result<u64, StorageError> {
        let Some(unused) = self.unused_senders else { return Ok(0) };
        let since = now.minus(unused).day();
        let days = unused.as_secs() / (24 * 3600);
        let entry = AuditEntry {
            at: now,
            actor: Actor::Relay,
            action: "sender.erase",
            subject: String::new(),
            detail: format!("joined=open unused_days={days}"),
        };
        let (mut erased, mut after) = (0, None);
        loop {
            let walked = self.retention.erase_unused_senders(after, BATCH, since, &entry).await?;
            erased += walked.ended;
            after = walked.next;
            if after.is_none() {
                return Ok(erased);
            }
        }
    }

    async fn cut_audit_log(&self, ends: &Ends, now: UnixMillis) -> Result<u64, StorageError> {
        let Some(before) = ends.audit else { return Ok(0) };
        let (subject, detail) = ("audit_log".to_owned(), String::new());
        let entry = AuditEntry { at: now, actor: Actor::Relay, action: "audit.cut", subject, detail };
        let mut all = 0;
        loop {
            let cut = self.audit.cut(before, BATCH, &entry).await?;
            all += cut;
            if cut < u64::from(BATCH) {
                return Ok(all);
            }
        }
    }

    async fn walk(&self, ends: &Ends, now: UnixMillis, swept: &mut Swept) -> Result<(), StorageError> {
        let mut after = None;
        loop {
            let walked = self.retention.end_registrations(after, BATCH, ends, now).await?;
            swept.registrations += walked.ended;
            after = walked.next;
            if after.is_none() {
                break;
            }
        }
        let mut after = None;
        loop {
            let walked = self.retention.end_subscriptions(after, BATCH, ends, now).await?;
            swept.subscriptions += walked.ended;
            after = walked.next;
            if after.is_none() {
                break;
            }
        }
        Ok(())
    }
}
