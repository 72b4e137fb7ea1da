//! Ids: each has one text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sealpush_seal::{DeliveryId, SenderId, SubscriptionId, registration::RegistrationId};

fuzz_target!(|text: &str| {
    let Ok(id) = text.parse::<SubscriptionId>() else {
        assert!(text.parse::<SenderId>().is_err() && text.parse::<DeliveryId>().is_err());
        return;
    };
    assert_eq!(id.to_string(), text);
    assert_eq!(SubscriptionId::from_bytes(*id.as_bytes()), id);
    assert_eq!(text.parse::<SenderId>().map(|id| *id.as_bytes()), Ok(*id.as_bytes()));
    assert_eq!(text.parse::<DeliveryId>().map(|id| *id.as_bytes()), Ok(*id.as_bytes()));
    assert_eq!(text.parse::<RegistrationId>().map(|id| *id.as_bytes()), Ok(*id.as_bytes()));
});
