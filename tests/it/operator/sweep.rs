//! One sweeper ends all that its time is over for.

use std::sync::Arc;
use std::time::Duration;

use sealpush::base::{Clock, ManualClock, OsEntropy};
use sealpush::model::{
    DeviceToken, Environment, PushService, Registration, RegistrationId, SecretHash, TokenKind,
};
use sealpush::operator::{Sweeper, Swept};
use sealpush::storage::Storage;

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

/// More rows than one step looks at, half of them confirmed.
const MANY: u32 = 2_500;

#[tokio::test]
async fn a_sweep_ends_what_its_time_is_over_for_however_many_there_are() {
    let office = Office::new().await;
    for number in 0..MANY {
        register(&office.store, number).await;
    }
    let clock = Arc::new(ManualClock::at(NOW));
    let sweeper = Sweeper::new(&office.store, Arc::clone(&clock) as Arc<dyn Clock>);
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
