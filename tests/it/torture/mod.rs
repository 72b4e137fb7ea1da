//! The promise under faults: the real binary as a process, push services over real TLS and HTTP/2, senders that send at
//! the same time, and everything that may break does.
//!
//! One run, in two lengths: some seconds with all tests, and as long as asked by `make torture`, which prints what was
//! counted. Owns what is done to the relay; what it promises is docs/DELIVERY.md. Read next: `run.rs`, `judge.rs`.

mod arrivals;
mod book;
mod dice;
mod figures;
mod judge;
mod lane;
mod plan;
mod run;
mod storm;

use std::str::FromStr;

use plan::Plan;
use run::Run;

use crate::support::now_ms;

/// Breaches that are listed; more of them say nothing new.
const LISTED: usize = 20;

#[expect(clippy::print_stderr, reason = "its figures are what a long run is for")]
async fn hold(plan: Plan) {
    let seed = plan.seed;
    eprintln!("seed {seed}: {plan:?}");
    let judgement = Run::start(plan).await.end().await;
    eprintln!("{}", judgement.figures);
    let breaches = &judgement.breaches;
    let listed = breaches.iter().take(LISTED).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(breaches.is_empty(), "{} breaches of the promise (seed {seed}):\n{listed}", breaches.len());
    assert!(judgement.figures.targets > 0, "nothing was accepted: that proves nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_accepted_is_lost_whatever_breaks() {
    hold(Plan::short(now_ms())).await;
}

/// `make torture` runs it.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "it takes minutes: make torture"]
async fn nothing_accepted_is_lost_however_long_it_goes_on() {
    let seconds = asked("TORTURE_SECONDS", 600);
    hold(Plan::long(asked("TORTURE_SEED", now_ms()), seconds, asked("TORTURE_KILLS", 24))).await;
}

/// What the environment asks for under `name`.
#[expect(clippy::disallowed_methods, reason = "a test has no other way to be told something")]
fn asked<T: FromStr>(name: &str, otherwise: T) -> T {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is `{text}`, which is no number")),
        Err(_) => otherwise,
    }
}
