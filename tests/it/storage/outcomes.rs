//! What followed from attempts, what is known of a notification, and for how long.

use sealpush::base::UnixMillis;
use sealpush::model::{
    Delivery, Effect, Environment, Form, Outcome, Reason, Settlement, SubscriptionId, TargetOutcome,
};
use sealpush::storage::{Finished, Settled};

use super::on_every_engine;
use super::test_store::{NOW, TestStore, delivery, id, notification};

on_every_engine!(
    every_outcome_is_kept_as_it_was,
    a_delivery_has_the_first_of_two_outcomes,
    outcomes_of_many_notifications_are_written_at_once,
    settling_nothing_is_nothing,
    a_postponed_delivery_comes_back_when_it_is_due,
    a_postponement_that_is_written_twice_frees_no_lease,
    a_late_postponement_takes_no_attempt_back,
    a_delivery_is_not_postponed_beyond_its_deadline,
    deliveries_with_one_id_in_two_notifications_are_two,
    outcomes_are_kept_from_the_last_decision_on,
    a_finished_notification_is_known,
    a_notification_is_finished_once,
    many_notifications_are_finished_at_once,
    finishing_for_an_erased_sender_keeps_the_others,
    an_unknown_notification_is_none,
    a_notification_belongs_to_its_sender,
    many_ask_at_once_what_is_known,
    outcomes_are_forgotten_when_their_time_is_over,
    outcomes_are_not_forgotten_while_something_waits,
    no_more_is_forgotten_than_asked_for,
);

/// `delivery` with what followed from an attempt.
pub(super) fn settled(delivery: &Delivery, settlement: Settlement) -> Settled {
    Settled::of(delivery, settlement)
}

/// The push service took it.
pub(super) fn accepted(at: UnixMillis) -> Settlement {
    decided(Outcome::Accepted, at)
}

fn decided(outcome: Outcome, at: UnixMillis) -> Settlement {
    let effect = Effect::Accepted { environment: Some(Environment::Sandbox) };
    Settlement::Decided { outcome, at, effect }
}

fn target(subscription: SubscriptionId, form: Option<Form>, outcome: Outcome) -> TargetOutcome {
    TargetOutcome { subscription, form, outcome, at: NOW }
}

fn every_outcome() -> [Outcome; 6] {
    [
        Outcome::Accepted,
        Outcome::Gone(Reason::theirs("Unregistered")),
        Outcome::Expired,
        Outcome::Rejected(Reason::ours("token_not_for_app")),
        Outcome::Replaced,
        Outcome::Withdrawn,
    ]
}

async fn every_outcome_is_kept_as_it_was(store: &TestStore) {
    for outcome in every_outcome() {
        let reach = store.reached().await;
        let notification = notification(reach.sender);
        let delivery = delivery(&notification, &reach);
        store.promise(&notification, &[&delivery]).await;

        store.settle(&[settled(&delivery, decided(outcome.clone(), NOW))], UnixMillis(0)).await.unwrap();

        let known = store.outbox.known(reach.sender, notification.id).await.unwrap().unwrap();
        assert_eq!(known.decided, [target(reach.subscription, Some(Form::Omitted), outcome)]);
        assert_eq!((known.pending, known.body_hash), (vec![], notification.body_hash));
        assert_eq!(store.depth().await.unwrap(), (0, None));
    }
}

async fn a_delivery_has_the_first_of_two_outcomes(store: &TestStore) {
    let reach = store.reached().await;
    let notification = notification(reach.sender);
    let delivery = delivery(&notification, &reach);
    store.promise(&notification, &[&delivery]).await;

    let twice = [accepted(NOW), decided(Outcome::Expired, NOW)].map(|end| settled(&delivery, end));
    store.settle(&twice, UnixMillis(0)).await.unwrap();
    store.settle(&twice[1..], UnixMillis(0)).await.unwrap();

    let known = store.outbox.known(reach.sender, notification.id).await.unwrap().unwrap();
    assert_eq!(known.decided, [target(reach.subscription, Some(Form::Omitted), Outcome::Accepted)]);
}

async fn outcomes_of_many_notifications_are_written_at_once(store: &TestStore) {
    let one = store.reached().await;
    let two = store.reached_by(one.sender).await;
    let mut ends = Vec::new();
    let mut notifications = Vec::new();
    for _ in 0..10 {
        let notification = notification(one.sender);
        let deliveries = [delivery(&notification, &one), delivery(&notification, &two)];
        store.promise(&notification, &deliveries.each_ref()).await;
        ends.extend(deliveries.iter().map(|delivery| settled(delivery, accepted(NOW))));
        notifications.push(notification.id);
    }

    store.settle(&ends, UnixMillis(0)).await.unwrap();

    for notification in notifications {
        let known = store.outbox.known(one.sender, notification).await.unwrap().unwrap();
        let mut decided: Vec<_> = known.decided.iter().map(|target| target.subscription).collect();
        decided.sort();
        let mut expected = [one.subscription, two.subscription];
        expected.sort();
        assert_eq!(decided, expected);
    }
    assert_eq!(store.depth().await.unwrap(), (0, None));
}

async fn settling_nothing_is_nothing(store: &TestStore) {
    store.settle(&[], UnixMillis(0)).await.unwrap();
    store.outbox.finish(&[]).await.unwrap();
    assert_eq!(store.depth().await.unwrap(), (0, None));
}

async fn a_postponed_delivery_comes_back_when_it_is_due(store: &TestStore) {
    let reach = store.reached().await;
    let notification = notification(reach.sender);
    let delivery = delivery(&notification, &reach);
    store.promise(&notification, &[&delivery]).await;
    let (due, far) = (UnixMillis(NOW.0 + 5_000), UnixMillis(NOW.0 + 60_000));
    store.lease(NOW, far, 1).await.unwrap();

    let later = Settlement::Postponed { due, attempts: 3, answers_lost: 1 };
    store.settle(&[settled(&delivery, later)], UnixMillis(0)).await.unwrap();

    assert!(store.lease(UnixMillis(due.0 - 1), far, 1).await.unwrap().is_empty());
    let leases = store.lease(due, far, 1).await.unwrap();
    assert_eq!((leases[0].attempts, leases[0].answers_lost), (3, 1));
    assert_eq!(leases[0].delivery.id, delivery.id);
}

/// A batch is written again where what came after it failed; meanwhile the delivery may be under way again.
async fn a_postponement_that_is_written_twice_frees_no_lease(store: &TestStore) {
    let reach = store.reached().await;
    let notification = notification(reach.sender);
    let delivery = delivery(&notification, &reach);
    store.promise(&notification, &[&delivery]).await;
    let far = UnixMillis(NOW.0 + 60_000);
    let batch = [settled(&delivery, Settlement::Postponed { due: NOW, attempts: 1, answers_lost: 0 })];
    store.settle(&batch, UnixMillis(0)).await.unwrap();
    assert_eq!(store.lease(NOW, far, 1).await.unwrap().len(), 1);

    store.settle(&batch, UnixMillis(0)).await.unwrap();

    assert!(store.lease(NOW, far, 1).await.unwrap().is_empty());
}

async fn a_late_postponement_takes_no_attempt_back(store: &TestStore) {
    let reach = store.reached().await;
    let notification = notification(reach.sender);
    let delivery = delivery(&notification, &reach);
    store.promise(&notification, &[&delivery]).await;
    for (attempts, answers_lost) in [(2, 1), (1, 0)] {
        let later = Settlement::Postponed { due: NOW, attempts, answers_lost };
        store.settle(&[settled(&delivery, later)], UnixMillis(0)).await.unwrap();
    }

    let leases = store.lease(NOW, NOW, 1).await.unwrap();

    assert_eq!((leases[0].attempts, leases[0].answers_lost), (2, 1));
}

async fn a_delivery_is_not_postponed_beyond_its_deadline(store: &TestStore) {
    let reach = store.reached().await;
    let notification = notification(reach.sender);
    let delivery = delivery(&notification, &reach);
    store.promise(&notification, &[&delivery]).await;

    let due = UnixMillis(delivery.deadline().0 + 1);
    let later = Settlement::Postponed { due, attempts: 1, answers_lost: 0 };
    store.settle(&[settled(&delivery, later)], UnixMillis(0)).await.unwrap();

    assert_eq!(store.lease(delivery.deadline(), due, 1).await.unwrap().len(), 1);
}

async fn deliveries_with_one_id_in_two_notifications_are_two(store: &TestStore) {
    let reach = store.reached().await;
    let (one, two) = (notification(reach.sender), notification(reach.sender));
    let first = delivery(&one, &reach);
    let mut second = delivery(&two, &reach);
    second.id = first.id;
    store.promise(&one, &[&first]).await;
    store.promise(&two, &[&second]).await;

    store.settle(&[settled(&first, accepted(NOW))], UnixMillis(0)).await.unwrap();

    let known = async |id| store.outbox.known(reach.sender, id).await.unwrap().unwrap();
    assert_eq!(known(one.id).await.pending, []);
    assert_eq!(known(two.id).await.pending, [(reach.subscription, Form::Omitted)]);
}

async fn outcomes_are_kept_from_the_last_decision_on(store: &TestStore) {
    let reach = store.reached().await;
    let notification = notification(reach.sender);
    let delivery = delivery(&notification, &reach);
    store.promise(&notification, &[&delivery]).await;
    let later = UnixMillis(notification.keep_until.0 + 1_000);

    store.settle(&[settled(&delivery, accepted(NOW))], later).await.unwrap();

    assert_eq!(store.outbox.forget(UnixMillis(later.0 - 1), 10).await.unwrap(), 0);
    assert_eq!(store.outbox.forget(later, 10).await.unwrap(), 1);
}

async fn a_finished_notification_is_known(store: &TestStore) {
    let notification = notification(store.sender().await);
    let forms = Form::ALL.map(Some).into_iter().chain([None, None]);
    let outcomes: Vec<_> =
        every_outcome().into_iter().zip(forms).map(|(outcome, form)| target(id(), form, outcome)).collect();

    let finished = Finished { notification: notification.clone(), outcomes: outcomes.clone() };
    store.outbox.finish(&[finished]).await.unwrap();

    let known = store.outbox.known(notification.sender, notification.id).await.unwrap().unwrap();
    assert_eq!((known.decided, known.pending), (outcomes, vec![]));
    assert_eq!(known.body_hash, notification.body_hash);
}

async fn a_notification_is_finished_once(store: &TestStore) {
    let notification = notification(store.sender().await);
    let finish = async |outcome| {
        let outcomes = vec![target(id(), None, outcome)];
        store.outbox.finish(&[Finished { notification: notification.clone(), outcomes }]).await.unwrap();
    };

    finish(Outcome::Accepted).await;
    finish(Outcome::Expired).await;

    let known = store.outbox.known(notification.sender, notification.id).await.unwrap().unwrap();
    assert_eq!(known.decided.len(), 1);
    assert_eq!(known.decided[0].outcome, Outcome::Accepted);
}

async fn many_notifications_are_finished_at_once(store: &TestStore) {
    let sender = store.sender().await;
    let finished: Vec<_> = (0..600)
        .map(|_| Finished {
            notification: notification(sender),
            outcomes: vec![target(id(), None, Outcome::Accepted)],
        })
        .collect();

    store.outbox.finish(&finished).await.unwrap();

    for one in [&finished[0], &finished[300], &finished[599]] {
        let known = store.outbox.known(sender, one.notification.id).await.unwrap().unwrap();
        assert_eq!(known.decided, one.outcomes);
    }
}

async fn finishing_for_an_erased_sender_keeps_the_others(store: &TestStore) {
    let (erased, other) = (notification(id()), notification(store.sender().await));
    let finished = [&erased, &other].map(|notification| Finished {
        notification: notification.clone(),
        outcomes: vec![target(id(), None, Outcome::Accepted)],
    });

    store.outbox.finish(&finished).await.unwrap();

    assert_eq!(store.outbox.known(erased.sender, erased.id).await.unwrap(), None);
    assert!(store.outbox.known(other.sender, other.id).await.unwrap().is_some());
}

async fn an_unknown_notification_is_none(store: &TestStore) {
    assert_eq!(store.outbox.known(store.sender().await, id()).await.unwrap(), None);
}

async fn a_notification_belongs_to_its_sender(store: &TestStore) {
    let (one, other) = (notification(store.sender().await), store.sender().await);
    store.outbox.finish(&[Finished { notification: one.clone(), outcomes: vec![] }]).await.unwrap();

    assert_eq!(store.outbox.known(other, one.id).await.unwrap(), None);

    // Another sender may use the same id for a notification of its own.
    let same_id = sealpush::model::Notification { sender: other, body_hash: [9; 32], ..one.clone() };
    store.outbox.finish(&[Finished { notification: same_id, outcomes: vec![] }]).await.unwrap();
    assert_eq!(store.outbox.known(one.sender, one.id).await.unwrap().unwrap().body_hash, one.body_hash);
    assert_eq!(store.outbox.known(other, one.id).await.unwrap().unwrap().body_hash, [9; 32]);
}

async fn many_ask_at_once_what_is_known(store: &TestStore) {
    let sender = store.sender().await;
    let finished: Vec<_> = (0..20)
        .map(|_| Finished {
            notification: notification(sender),
            outcomes: vec![target(id(), None, Outcome::Accepted)],
        })
        .collect();
    store.outbox.finish(&finished).await.unwrap();

    let asked = finished.iter().map(|one| store.outbox.known(sender, one.notification.id));
    let answers = futures_util::future::join_all(asked).await;

    for (one, answer) in finished.iter().zip(answers) {
        assert_eq!(answer.unwrap().unwrap().decided, one.outcomes);
    }
}

async fn outcomes_are_forgotten_when_their_time_is_over(store: &TestStore) {
    let notification = notification(store.sender().await);
    let outcomes = vec![target(id(), None, Outcome::Accepted)];
    store.outbox.finish(&[Finished { notification: notification.clone(), outcomes }]).await.unwrap();

    let over = notification.keep_until;
    assert_eq!(store.outbox.forget(UnixMillis(over.0 - 1), 10).await.unwrap(), 0);
    assert!(store.outbox.known(notification.sender, notification.id).await.unwrap().is_some());
    assert_eq!(store.outbox.forget(over, 10).await.unwrap(), 1);

    assert_eq!(store.outbox.known(notification.sender, notification.id).await.unwrap(), None);
}

async fn outcomes_are_not_forgotten_while_something_waits(store: &TestStore) {
    let reach = store.reached().await;
    let notification = notification(reach.sender);
    let delivery = delivery(&notification, &reach);
    store.promise(&notification, &[&delivery]).await;

    assert_eq!(store.outbox.forget(notification.keep_until, 10).await.unwrap(), 0);
    store.settle(&[settled(&delivery, decided(Outcome::Expired, NOW))], UnixMillis(0)).await.unwrap();

    assert_eq!(store.outbox.forget(notification.keep_until, 10).await.unwrap(), 1);
}

async fn no_more_is_forgotten_than_asked_for(store: &TestStore) {
    let sender = store.sender().await;
    let finished: Vec<_> =
        (0..5).map(|_| Finished { notification: notification(sender), outcomes: vec![] }).collect();
    store.outbox.finish(&finished).await.unwrap();

    let over = finished[0].notification.keep_until;
    assert_eq!(store.outbox.forget(over, 3).await.unwrap(), 3);
    assert_eq!(store.outbox.forget(over, 3).await.unwrap(), 2);
    assert_eq!(store.outbox.forget(over, 3).await.unwrap(), 0);
}
