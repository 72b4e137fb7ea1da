//! Histories that once broke the promise, or might have, by name.

use super::history::live_through;
use super::operation::Operation::{Advance, Answers, Notify, Restart, SetBack, Trouble as Troubled};
use super::operation::{Operation, Point, Reply, Trouble};
use super::stage::Place;

fn hold(operations: &[Operation]) {
    live_through(&Place::new(), operations);
}

fn notify(phone: usize, wait: bool, ttl: u64) -> Operation {
    Notify { phones: vec![phone], wait, ttl, collapse_key: None }
}

#[test]
fn what_waits_is_not_sent_after_its_end_by_a_clock_that_jumped_ahead() {
    hold(&[Answers { phone: 0, reply: Reply::Busy(30), times: 1 }, notify(0, false, 3_600), Advance(4_000)]);
}

#[test]
fn what_waits_is_not_lost_by_a_clock_that_was_set_back() {
    hold(&[
        Answers { phone: 0, reply: Reply::Busy(30), times: 1 },
        notify(0, false, 86_400),
        SetBack(8_000),
        Advance(100),
    ]);
}

#[test]
fn a_token_that_died_before_it_was_registered_by_a_clock_that_was_set_back_is_kept() {
    hold(&[SetBack(1), Answers { phone: 0, reply: Reply::Dead, times: 1 }, notify(0, false, 0)]);
}

#[test]
fn a_settlement_that_was_written_and_not_told_is_written_once() {
    hold(&[notify(0, false, 60), Troubled(Point::Settle, Trouble::FailsWritten), notify(1, false, 60)]);
}

#[test]
fn a_process_that_ends_between_promise_and_answer_sends_it_all_the_same() {
    hold(&[Troubled(Point::Promise, Trouble::EndsAfter), notify(1, false, 60), Restart]);
}
