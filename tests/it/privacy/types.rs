//! The types keep the promises: what must not be printed, stored or copied cannot be.

use std::fmt::{Debug, Display};
use std::marker::PhantomData;

use sealpush::base::Secret;
use sealpush::model::{ClearContent, ClientNetwork, DeviceToken, PushService};
use sealpush::privacy::ReadableContent;
use sealpush::storage::{Consent, Volume};
use serde::Serialize;

/// Tells whether `T` implements a trait: an inherent constant, which exists where it does, hides the one of
/// the trait [`Lacks`], which is `false`.
struct Probe<T>(PhantomData<T>);

trait Lacks {
    const DEBUG: bool = false;
    const DISPLAY: bool = false;
    const SERIALIZE: bool = false;
    const CLONE: bool = false;
    const DEFAULT: bool = false;
    const SEND: bool = false;
}

impl<T> Lacks for Probe<T> {}
impl<T: Debug> Probe<T> {
    const DEBUG: bool = true;
}
impl<T: Display> Probe<T> {
    const DISPLAY: bool = true;
}
impl<T: Serialize> Probe<T> {
    const SERIALIZE: bool = true;
}
impl<T: Clone> Probe<T> {
    const CLONE: bool = true;
}

impl<T: Default> Probe<T> {
    const DEFAULT: bool = true;
}
impl<T: Send> Probe<T> {
    const SEND: bool = true;
}

#[test]
fn the_probe_sees_what_a_string_can_do() {
    type Of = Probe<String>;
    assert_eq!([Of::DEBUG, Of::DISPLAY, Of::SERIALIZE, Of::CLONE, Of::DEFAULT, Of::SEND], [true; 6]);
}

#[test]
fn readable_content_is_neither_printed_nor_stored_nor_copied() {
    type Of = Probe<ReadableContent>;
    assert_eq!([Of::DEBUG, Of::DISPLAY, Of::SERIALIZE, Of::CLONE], [false; 4]);
}

#[test]
fn what_is_secret_is_neither_displayed_nor_serialised() {
    assert_eq!([Probe::<Secret<String>>::DISPLAY, Probe::<Secret<String>>::SERIALIZE], [false; 2]);
    assert_eq!([Probe::<DeviceToken>::DISPLAY, Probe::<DeviceToken>::SERIALIZE], [false; 2]);
    assert_eq!([Probe::<ClearContent>::DISPLAY, Probe::<ClearContent>::SERIALIZE], [false; 2]);
}

/// That nobody else makes one is shown by the examples of [`Consent`], which must not compile.
#[test]
fn consent_cannot_be_copied_kept_for_later_or_read_from_anywhere() {
    type Of = Probe<Consent<'static, Volume>>;
    assert_eq!([Of::CLONE, Of::DEFAULT, Of::SERIALIZE, Of::SEND], [false; 4]);
}

#[test]
fn where_a_request_comes_from_is_neither_printed_nor_stored() {
    type Of = Probe<ClientNetwork>;
    assert_eq!([Of::DEBUG, Of::DISPLAY, Of::SERIALIZE], [false; 3]);
}

#[test]
fn the_debug_form_of_what_is_secret_says_nothing_of_it() {
    let token = DeviceToken::parse(PushService::Fcm, "canary-token").unwrap();
    for shown in [format!("{token:?}"), format!("{:#?}", Secret::new("canary-secret".to_owned()))] {
        assert!(!shown.contains("canary"), "{shown}");
    }
}
