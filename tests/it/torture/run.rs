//! One run: senders send, things break, and in the end the books are compared.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;
use sealpush::base::{EntropyRng, OsEntropy};
use sealpush_seal::IdentityKey;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::book::Sent;
use super::dice::Dice;
use super::figures::Done;
use super::judge::{Down, Evidence, Judgement};
use super::lane::{LONGEST_TTL, Lane};
use super::plan::Plan;
use super::storm::strike;
use crate::support::{Client, Device, Program, Sender, World, now_ms};

/// How much older what was recorded is than it is read, at the most: records do not pile up.
const READS_EVERY: Duration = Duration::from_millis(500);
/// Between two lines that say how it stands.
const SAYS_EVERY: Duration = Duration::from_secs(10);
/// When all is calm, what waits is decided at the end of its time at the latest.
const PATIENCE: Duration = Duration::from_secs(LONGEST_TTL + 60);
/// Outcomes that are asked for at the same time.
const ASKED_AT_ONCE: usize = 16;

/// What is done to the relay's process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blow {
    Kill,
    Stop,
    /// Another process tries to take the database.
    Intrude,
    /// A phone loses the app.
    Bury,
}

/// A run under way.
pub(super) struct Run {
    plan: Plan,
    dice: Dice,
    world: World,
    senders: Vec<Sender>,
    phones: Vec<Arc<Vec<Device>>>,
    address: watch::Sender<Client>,
    evidence: Evidence,
    done: Done,
    breaches: Vec<String>,
    began: Instant,
    said: Instant,
}

impl Run {
    /// A relay with its senders and their phones.
    pub(super) async fn start(plan: Plan) -> Self {
        let rates = "rates = { subscription_targets = \"off\", address_registrations = \"off\" }";
        let world = World::builder()
            .own_process()
            // What waits in the end is for the judge to tell.
            .leaves_work()
            .config("limits", "wait_seconds = 2")
            .config("limits", "drain_seconds = 4")
            .config("limits", rates)
            .simulator(|config| config.record_limit = 50_000)
            .start()
            .await;
        let (mut senders, mut phones) = (Vec::new(), Vec::new());
        for _ in 0..plan.senders {
            let sender = world.sender("sealed_only").await;
            let mut own = Vec::new();
            for place in 0..plan.phones {
                own.push(match place % 2 {
                    0 => world.iphone(&sender, false).await,
                    _ => world.android(&sender, false).await,
                });
            }
            senders.push(sender);
            phones.push(Arc::new(own));
        }
        let (address, _) = watch::channel(world.relay.clone());
        let (dice, began) = (Dice::of(plan.seed, 0), Instant::now());
        let (evidence, done, breaches) = (Evidence::default(), Done::default(), Vec::new());
        Self { plan, dice, world, senders, phones, address, evidence, done, breaches, began, said: began }
    }

    /// From the first request to the judgement.
    pub(super) async fn end(mut self) -> Judgement {
        let mut lanes = self.lanes();
        self.storm().await;
        self.world.simulator.clear_script();
        while let Some(book) = lanes.join_next().await {
            self.evidence.books.extend(book.unwrap());
            self.read();
        }
        self.calm().await;
        self.ask().await;
        self.read();
        self.evidence.broken = self.world.simulator.broken_connections();
        let mut judgement = self.evidence.judge();
        judgement.figures.done = self.done;
        judgement.breaches.extend(self.breaches);
        judgement.breaches.extend(panics(self.world.folder.path()));
        self.world.end().await;
        judgement
    }

    fn lanes(&self) -> JoinSet<Vec<Sent>> {
        let (mut lanes, mut stream) = (JoinSet::new(), 1);
        let end = Instant::now() + self.plan.load;
        for (number, (sender, phones)) in self.senders.iter().zip(&self.phones).enumerate() {
            let identity = Arc::new(IdentityKey::generate(&mut EntropyRng(&OsEntropy)));
            for _ in 0..self.plan.lanes {
                let lane = Lane {
                    number,
                    sender: sender.clone(),
                    phones: Arc::clone(phones),
                    identity: Arc::clone(&identity),
                    relay: self.address.subscribe(),
                    dice: Dice::of(self.plan.seed, stream),
                };
                stream += 1;
                lanes.spawn(lane.run(end));
            }
        }
        lanes
    }

    /// Faults and blows, one after the other, as long as senders send.
    async fn storm(&mut self) {
        let tokens: Vec<_> =
            self.phones.iter().flat_map(|own| own.iter()).map(|one| one.token.clone()).collect();
        let (start, mut blows) = (Instant::now(), self.blows());
        let end = start + self.plan.load;
        let mut next_fault = start;
        while Instant::now() < end {
            while blows.last().is_some_and(|(at, _)| start.elapsed() >= *at) {
                let (_, blow) = blows.pop().expect("it was looked at");
                self.strike_relay(blow, &tokens).await;
            }
            if Instant::now() >= next_fault {
                self.change_the_weather(&tokens);
                next_fault = Instant::now() + self.dice.millis(50..=700);
            }
            self.read();
            self.say("under load").await;
            tokio::time::sleep(READS_EVERY.min(Duration::from_millis(50))).await;
        }
    }

    /// When which blow falls, the last one first.
    fn blows(&mut self) -> Vec<(Duration, Blow)> {
        let counts = [
            (Blow::Kill, self.plan.kills),
            (Blow::Stop, self.plan.stops),
            (Blow::Intrude, self.plan.intruders),
            (Blow::Bury, self.plan.deaths),
        ];
        let all = u64::try_from(self.plan.load.as_millis()).unwrap();
        let mut blows = Vec::new();
        for (blow, count) in counts {
            for _ in 0..count {
                blows.push((self.dice.millis(all / 20..=all * 19 / 20), blow));
            }
        }
        blows.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        blows
    }

    async fn strike_relay(&mut self, blow: Blow, tokens: &[String]) {
        match blow {
            Blow::Bury => {
                let token = self.dice.pick(tokens).clone();
                let own = self.phones.iter().flat_map(|own| own.iter());
                self.evidence
                    .dead
                    .extend(own.filter(|one| one.token == token).map(|one| one.subscription.clone()));
                self.world.simulator.unregister(&token, now_ms());
            }
            Blow::Intrude => {
                self.done.intruders += 1;
                let (status, said) = Program::refusal(self.world.folder.path()).await;
                if !status.success() && said.contains("another process uses the database") {
                    self.done.intruders_refused += 1;
                } else {
                    self.breaches.push(format!("a second process was not refused: {said}"));
                }
            }
            Blow::Kill | Blow::Stop => {
                let from_ms = now_ms();
                if blow == Blow::Kill {
                    self.done.kills += 1;
                    self.world.kill_relay();
                } else {
                    self.done.stops += 1;
                    self.world.stop_relay().await;
                }
                if self.dice.chance(50) {
                    tokio::time::sleep(self.dice.millis(0..=2_000)).await;
                }
                if self.dice.chance(30) {
                    self.done.cut_short += 1;
                    Program::cut_short(self.world.folder.path(), self.dice.millis(0..=300)).await;
                }
                self.world.start_relay().await;
                self.address.send_replace(self.world.relay.clone());
                let killed = blow == Blow::Kill;
                self.evidence.downs.push(Down { from_ms, to_ms: now_ms(), killed });
            }
        }
    }

    fn change_the_weather(&mut self, tokens: &[String]) {
        self.evidence.faults.push(now_ms());
        if self.dice.chance(20) {
            return self.world.simulator.clear_script();
        }
        self.done.faults += 1;
        strike(&self.world.simulator, &mut self.dice, tokens, self.plan.outages);
    }

    /// Waits until nothing waits any more.
    async fn calm(&mut self) {
        let start = Instant::now();
        while start.elapsed() < PATIENCE && self.pending().await > 0 {
            self.read();
            self.say("all calm").await;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn pending(&self) -> u64 {
        self.world.metric("sealpush_outbox_pending").await + self.world.metric("sealpush_queue_depth").await
    }

    /// Asks for the outcomes of all that was accepted.
    async fn ask(&mut self) {
        let (relay, senders) = (&self.world.relay, &self.senders);
        let books = std::mem::take(&mut self.evidence.books).into_iter().map(async |mut sent| {
            if sent.accepted_ms.is_some() {
                let path = format!("/v1/notifications/{}", sent.id);
                let answer = relay.get(&path, Some(&senders[sent.sender].credential)).await;
                // Where there is none, it says nothing of any target: they are lost.
                sent.is_told(now_ms(), &answer.json());
            }
            sent
        });
        self.evidence.books = stream::iter(books).buffer_unordered(ASKED_AT_ONCE).collect().await;
    }

    fn read(&mut self) {
        self.evidence.arrivals.add(&self.world.simulator.take_records());
    }

    #[expect(clippy::print_stderr, reason = "who started a long run wants to see that it goes on")]
    async fn say(&mut self, how: &str) {
        if self.said.elapsed() < SAYS_EVERY {
            return;
        }
        self.said = Instant::now();
        let (elapsed, pending) = (self.began.elapsed().as_secs(), self.pending().await);
        let (pushes, kills) = (self.evidence.arrivals.count(), self.done.kills);
        eprintln!("{elapsed:>5} s  {how}: {pushes} pushes, {pending} waiting, {kills} kills");
    }
}

/// Panics of the relay's processes, from their logs.
fn panics(folder: &Path) -> HashSet<String> {
    let logs = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let logs = logs.filter(|path| path.extension().is_some_and(|extension| extension == "txt"));
    let texts: Vec<_> = logs.map(|log| std::fs::read_to_string(log).unwrap()).collect();
    let lines = texts.iter().flat_map(|text| text.lines()).filter(|line| line.contains("panicked"));
    lines.map(str::to_owned).collect()
}
