//! That a sender's administrator agreed, as a value without which nothing is recorded.

use std::marker::PhantomData;
use std::sync::RwLockReadGuard;

use super::usage_recorder::Agreed;
use crate::model::{Category, SenderId};

/// A category that is recorded while notifications pass through, as a type.
pub trait Recorded: sealed::Sealed {
    /// Which.
    const CATEGORY: Category;
}

/// How many deliveries ended.
#[derive(Debug)]
pub enum Volume {}

/// The server's software.
#[derive(Debug)]
pub enum ServerSoftware {}

impl Recorded for Volume {
    const CATEGORY: Category = Category::Volume;
}

impl Recorded for ServerSoftware {
    const CATEGORY: Category = Category::Software;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Volume {}
    impl Sealed for super::ServerSoftware {}
}

/// That the administrator of one sender agreed to share the category `C`, in the words of today.
///
/// Only [`super::UsageRecorder::consent`] makes one, from what stands in the store. While it lives nobody switches
/// anything off; it cannot be kept for later, since it neither clones nor outlives the recorder, nor passes to another
/// thread. Code without one does not compile:
///
/// ```
/// use sealpush::model::{SenderId, SubscriptionId, VolumeCell};
/// use sealpush::storage::{Consent, Recorded, UsageRecorder, Volume};
///
/// fn counts(recorder: &UsageRecorder, sender: SenderId, device: SubscriptionId, cell: VolumeCell) {
///     if let Some(consent) = recorder.consent::<Volume>(sender) {
///         recorder.delivery(&consent, device, cell);
///     }
/// }
/// ```
///
/// ```compile_fail
/// use sealpush::model::{SenderId, SubscriptionId, VolumeCell};
/// use sealpush::storage::{Consent, Recorded, UsageRecorder, Volume};
///
/// fn counts(recorder: &UsageRecorder, sender: SenderId, device: SubscriptionId, cell: VolumeCell) {
///     let consent: Consent<'_, Volume> = Consent { sender, _held: todo!(), category: todo!() };
///     recorder.delivery(&consent, device, cell);
/// }
/// ```
///
/// Consent to one category is none to another:
///
/// ```compile_fail
/// use sealpush::model::{SenderId, SubscriptionId, VolumeCell};
/// use sealpush::storage::{ServerSoftware, UsageRecorder};
///
/// fn counts(recorder: &UsageRecorder, sender: SenderId, device: SubscriptionId, cell: VolumeCell) {
///     if let Some(consent) = recorder.consent::<ServerSoftware>(sender) {
///         recorder.delivery(&consent, device, cell);
///     }
/// }
/// ```
pub struct Consent<'a, C> {
    sender: SenderId,
    _held: RwLockReadGuard<'a, Agreed>,
    category: PhantomData<C>,
}

impl<'a, C: Recorded> Consent<'a, C> {
    /// Of `sender`, where it stands in `agreed`.
    pub(super) fn of(sender: SenderId, agreed: RwLockReadGuard<'a, Agreed>) -> Option<Self> {
        let shares = agreed.get(&sender).is_some_and(|categories| categories.contains(C::CATEGORY));
        shares.then_some(Self { sender, _held: agreed, category: PhantomData })
    }

    /// Whose it is.
    #[must_use]
    pub fn sender(&self) -> SenderId {
        self.sender
    }
}
