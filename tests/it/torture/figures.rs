//! What a run counted, and how it is printed.

use std::collections::BTreeMap;
use std::fmt;

/// The figures of one run.
#[derive(Debug, Default)]
pub(super) struct Figures {
    /// Notifications that were accepted, and their targets.
    pub(super) notifications: usize,
    pub(super) targets: usize,
    /// Notifications that were never accepted.
    pub(super) given_up: usize,
    /// Requests that were not answered, and sent again; requests that were told to come back.
    pub(super) repeated: u64,
    pub(super) put_off: u64,
    /// Targets by outcome; the rejected by reason.
    pub(super) outcomes: BTreeMap<String, usize>,
    pub(super) reasons: BTreeMap<String, usize>,
    /// Pushes that reached a push service.
    pub(super) pushes: usize,
    pub(super) lost: usize,
    /// Targets whose outcome was told, and forgotten with the process.
    pub(super) forgotten: usize,
    /// Targets that expired, by why.
    pub(super) expired_offered: usize,
    pub(super) expired_relay_down: usize,
    pub(super) expired_push_service_failing: usize,
    /// Pushes after their end, and by how much at the most one came after it.
    pub(super) late: usize,
    pub(super) latest_ms: u64,
    /// Pushes that were taken again, by why.
    pub(super) duplicates: usize,
    pub(super) after_lost_answer: usize,
    pub(super) after_broken_connection: usize,
    pub(super) after_kill: usize,
    pub(super) after_stop: usize,
    pub(super) unexplained: usize,
    pub(super) done: Done,
}

/// What was done to the relay.
#[derive(Debug, Default)]
pub(super) struct Done {
    /// Kills under load, and while it started.
    pub(super) kills: usize,
    pub(super) cut_short: usize,
    pub(super) stops: usize,
    pub(super) faults: usize,
    /// Further processes on its database, and how many of them were refused.
    pub(super) intruders: usize,
    pub(super) intruders_refused: usize,
}

fn listed(counts: &BTreeMap<String, usize>) -> String {
    counts.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let done = &self.done;
        writeln!(
            f,
            "done to it    {} kills under load and {} while it started, {} stops under load, {} faults of push services; \
             {} of {} further processes refused",
            done.kills, done.cut_short, done.stops, done.faults, done.intruders_refused, done.intruders
        )?;
        writeln!(
            f,
            "senders       {} requests without an answer and {} told to come back, all repeated; {} given up",
            self.repeated, self.put_off, self.given_up
        )?;
        writeln!(
            f,
            "accepted      {} notifications with {} targets; {} pushes",
            self.notifications, self.targets, self.pushes
        )?;
        writeln!(f, "outcomes      {}", listed(&self.outcomes))?;
        if !self.reasons.is_empty() {
            writeln!(f, "rejected      {}", listed(&self.reasons))?;
        }
        writeln!(
            f,
            "lost          {} ({} told, and forgotten by a process that was killed then)",
            self.lost, self.forgotten
        )?;
        writeln!(
            f,
            "expired       {} offered before, {} while the relay was down, {} while the push service failed",
            self.expired_offered, self.expired_relay_down, self.expired_push_service_failing
        )?;
        writeln!(f, "after its end {} (the last {} ms after it)", self.late, self.latest_ms)?;
        write!(
            f,
            "duplicates    {}: {} after a lost answer, {} after a broken connection, {} after a kill, {} after a stop that \
             cut attempts off, {} without a reason",
            self.duplicates,
            self.after_lost_answer,
            self.after_broken_connection,
            self.after_kill,
            self.after_stop,
            self.unexplained
        )
    }
}
