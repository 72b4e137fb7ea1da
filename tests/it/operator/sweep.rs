//! One sweeper ends all that its time is over for.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use sealpush::base::{Clock, Live, ManualClock, OsEntropy};
use sealpush::config::Retention;
use sealpush::intake::{Join, JoinRules, NewSecret, NewSender};
use sealpush::model::{
    AdmissionMode, ContentPolicy, DeviceToken, Environment, PushService, Registration, RegistrationId,
    SecretHash, TokenKind,
};
use sealpush::operator::{Sweeper, Swept};
use sealpush::storage::Storage;
use serde_json::{Value, json};

use super::Office;
use super::office::NOW;

async fn register(store: &Storage, number: u32) {
    let registration = Registration {
        id: RegistrationId::random(&OsEntropy),
        app: "chat".parse().unwrap(),
        push_service: PushService::Apns,
        environment: Some(Environment::Production),
        token_kind: TokenKind::Standard,
        device_token: DeviceToken::parse(PushService::Apns, &format!("{number:08x}")).unwrap(),
        secret_hash: SecretHash([1; 32]),
        registered_at: NOW,
        echoed: number.is_multiple_of(2),
        accepted_day: None,
    };
    store.registrations.register(&registration).await.unwrap();
}

/// Sweeps as after `later`; how many invites, credentials and tokens were erased.
async fn erased_after(office: &Office, later: Duration) -> u64 {
    let clock = ManualClock::at(NOW);
    clock.advance(later);
    let sweeper = Sweeper::new(&office.store, Arc::new(clock) as Arc<dyn Clock>, Retention::default(), None);
    sweeper.sweep(false).await.unwrap().authority
}

#[tokio::test]
async fn invites_and_tokens_are_erased_when_they_end_and_not_before() {
    let office = Office::new().await;
    office.ask(Method::POST, "/admin/invites", json!({"expires_in": 3600, "count": 3})).await;
    office.ask(Method::POST, "/admin/tokens", json!({"role": "viewer", "expires_in": 7200})).await;
    office.ask(Method::POST, "/admin/tokens", json!({"role": "owner"})).await;

    let mut counts = Vec::new();
    for later in [3599, 3600, 7199, 7200].map(Duration::from_secs) {
        counts.push(erased_after(&office, later).await);
    }

    assert_eq!(counts, [0, 3, 0, 1]);
    let (_, tokens) = office.ask(Method::GET, "/admin/tokens", Value::Null).await;
    assert_eq!(tokens["tokens"].as_array().unwrap().len(), 1);
}

/// One wrong answer of a time server must not erase what is never made again.
#[tokio::test]
async fn a_clock_that_jumps_ahead_ends_nothing() {
    let office = Office::new().await;
    register(&office.store, 2).await;
    let clock = Arc::new(ManualClock::at(NOW));
    let mut sweeper =
        Sweeper::new(&office.store, Arc::clone(&clock) as Arc<dyn Clock>, Retention::default(), None);
    sweeper.turn(true).await.unwrap();

    clock.advance(Duration::from_hours(24 * 400));

    assert_eq!(sweeper.turn(true).await.unwrap(), Swept::default());
    assert_eq!(office.store.registrations.count().await.unwrap(), (1, 0));
    let mut days_later =
        Sweeper::new(&office.store, Arc::clone(&clock) as Arc<dyn Clock>, Retention::default(), None);
    office.store.retention.note_swept(clock.now().day()).await.unwrap();
    assert_eq!(days_later.turn(true).await.unwrap().registrations, 1, "its day has come");
}

/// More rows than one step looks at, half of them confirmed.
const MANY: u32 = 2_500;

#[tokio::test]
async fn a_sweep_ends_what_its_time_is_over_for_however_many_there_are() {
    let office = Office::new().await;
    for number in 0..MANY {
        register(&office.store, number).await;
    }
    let clock = Arc::new(ManualClock::at(NOW));
    let sweeper =
        Sweeper::new(&office.store, Arc::clone(&clock) as Arc<dyn Clock>, Retention::default(), None);
    let half = u64::from(MANY / 2);
    for (days, walks, registrations) in
        [(30, true, 0), (1, false, 0), (0, true, half), (239, true, 0), (1, true, half)]
    {
        clock.advance(Duration::from_hours(24 * days));
        let swept = sweeper.sweep(walks).await.unwrap();
        assert_eq!(swept, Swept { registrations, ..Swept::default() }, "{days} days later");
    }
    assert_eq!(office.store.registrations.count().await.unwrap(), (0, 0));
}

#[tokio::test]
async fn who_joined_an_open_relay_and_is_not_used_is_erased_after_the_days_that_the_config_says() {
    let office = Office::new().await;
    let clock = Arc::new(ManualClock::at(NOW));
    let rules = JoinRules { mode: AdmissionMode::Open, content_policy: ContentPolicy::SealOrOmit };
    let as_clock = || Arc::clone(&clock) as Arc<dyn Clock>;
    let join = Join::new(&office.store, Live::new(rules), as_clock(), Arc::new(OsEntropy));
    let name = "A".parse().unwrap();
    join.join(NewSender { name, content_policy: None, invite: None, secret: NewSecret::Drawn })
        .await
        .unwrap();
    let unused = Some(Duration::from_hours(24 * 90));
    for (unused, days, senders) in
        [(None, 400, 0), (Some(Duration::from_hours(24 * 500)), 0, 0), (unused, 0, 1)]
    {
        clock.advance(Duration::from_hours(24 * days));

        let swept =
            Sweeper::new(&office.store, as_clock(), Retention::default(), unused).sweep(true).await.unwrap();

        assert_eq!(swept, Swept { senders, ..Swept::default() }, "{unused:?}");
    }
}
