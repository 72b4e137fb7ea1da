//! What senders' administrators agree to share, and how it ends.

use sealpush::base::UnixMillis;
use sealpush::model::{Agreement, AuditEntry, Category, SenderId, Software, UsageRecords, WantedCategory};
use sealpush::storage::{ServerSoftware, Shared, Volume};
use sqlx::ConnectOptions;

use super::on_every_engine;
use super::test_store::{NOW, TestStore, entry, id};

on_every_engine!(
    nothing_is_shared_until_it_is_agreed_to,
    what_is_agreed_to_stands_with_its_words_and_its_time,
    what_is_left_out_is_switched_off_and_the_rest_keeps_its_time,
    words_of_before_are_not_agreed_to,
    each_switch_is_in_the_audit_log_without_the_address,
    what_was_collected_goes_with_its_category_alone,
    figures_are_erased_and_recording_goes_on,
    a_lock_ends_all_sharing_and_lets_nobody_begin,
    a_sender_takes_what_it_shared_with_it,
    an_unknown_sender_shares_nothing,
);

/// Of today's words.
pub(super) fn wanted(category: Category) -> WantedCategory {
    let contact = category == Category::Contact;
    let address = contact.then(|| "security@example.org".parse().unwrap());
    WantedCategory { category, wording: category.wording().version, address }
}

/// Shares these, and nothing else.
pub(super) async fn share(store: &TestStore, sender: SenderId, categories: &[Category]) -> Vec<Agreement> {
    share_at(store, sender, categories, NOW).await
}

async fn share_at(
    store: &TestStore,
    sender: SenderId,
    categories: &[Category],
    at: UnixMillis,
) -> Vec<Agreement> {
    let wanted: Vec<_> = categories.iter().copied().map(wanted).collect();
    let audit = AuditEntry { at, ..entry("sharing.on") };
    match store.sharing.share(sender, &wanted, &audit).await.unwrap() {
        Shared::Done(agreements) => agreements,
        other => panic!("{other:?}"),
    }
}

/// A sender that shares everything and of which its software is written.
async fn with_figures(store: &TestStore) -> SenderId {
    let sender = store.sender().await;
    share(store, sender, &Category::ALL).await;
    note_software(store, sender);
    store.sharing.write_usage(NOW).await.unwrap();
    assert!(store.sharing.usage(sender).await.unwrap().software.is_some());
    sender
}

pub(super) fn note_software(store: &TestStore, sender: SenderId) {
    let recorder = store.sharing.recorder();
    let software = Software::of("examplechat/4.2").unwrap();
    recorder.software(&recorder.consent::<ServerSoftware>(sender).unwrap(), software, NOW.day());
}

fn categories(agreements: &[Agreement]) -> Vec<Category> {
    agreements.iter().map(|agreement| agreement.category).collect()
}

async fn actions(store: &TestStore) -> Vec<(String, String)> {
    let log = store.audit.list(0, 100).await.unwrap();
    log.into_iter().map(|record| (record.action, record.detail)).collect()
}

async fn nothing_is_shared_until_it_is_agreed_to(store: &TestStore) {
    let sender = store.sender().await;
    assert_eq!(store.sharing.agreements(sender).await.unwrap(), []);
    let recorder = store.sharing.recorder();
    assert!(recorder.consent::<Volume>(sender).is_none());
    assert!(recorder.consent::<ServerSoftware>(sender).is_none());
    assert_eq!(store.sharing.usage(sender).await.unwrap(), UsageRecords::default());
}

async fn what_is_agreed_to_stands_with_its_words_and_its_time(store: &TestStore) {
    let (sender, other) = (store.sender().await, store.sender().await);

    let shared = share(store, sender, &[Category::Contact, Category::Volume]).await;

    assert_eq!(categories(&shared), [Category::Volume, Category::Contact]);
    assert!(shared.iter().all(|one| one.agreed_at == NOW && one.holds()));
    assert_eq!(shared[1].address.as_ref().unwrap().as_str(), "security@example.org");
    assert_eq!(store.sharing.agreements(sender).await.unwrap(), shared);
    assert!(store.sharing.recorder().consent::<Volume>(sender).is_some());
    assert!(store.sharing.recorder().consent::<Volume>(other).is_none());
}

async fn what_is_left_out_is_switched_off_and_the_rest_keeps_its_time(store: &TestStore) {
    let sender = store.sender().await;
    share(store, sender, &[Category::Volume, Category::Software]).await;

    let later = UnixMillis(NOW.0 + 1);
    let shared = share_at(store, sender, &[Category::Software, Category::Devices], later).await;

    let times: Vec<_> = shared.iter().map(|one| (one.category, one.agreed_at)).collect();
    assert_eq!(times, [(Category::Devices, later), (Category::Software, NOW)]);
    assert!(store.sharing.recorder().consent::<Volume>(sender).is_none());
    assert!(store.sharing.recorder().consent::<ServerSoftware>(sender).is_some());
}

async fn words_of_before_are_not_agreed_to(store: &TestStore) {
    let sender = store.sender().await;
    share(store, sender, &[Category::Devices]).await;
    let old = WantedCategory { wording: Category::Volume.wording().version + 1, ..wanted(Category::Volume) };

    let answer = store.sharing.share(sender, &[old], &entry("sharing.on")).await.unwrap();

    assert_eq!(answer, Shared::OtherWording(Category::Volume));
    let shared = store.sharing.agreements(sender).await.unwrap();
    assert_eq!(categories(&shared), [Category::Devices], "nothing was switched off either");
}

async fn each_switch_is_in_the_audit_log_without_the_address(store: &TestStore) {
    let sender = store.sender().await;
    share(store, sender, &[Category::Volume, Category::Contact]).await;
    share(store, sender, &[Category::Contact]).await;
    share(store, sender, &[Category::Contact]).await;

    let said = actions(store).await;

    let expected =
        [("sharing.on", "volume wording=1"), ("sharing.on", "contact wording=1"), ("sharing.off", "volume")];
    let said: Vec<_> = said[1..].iter().map(|(action, detail)| (action.as_str(), detail.as_str())).collect();
    assert_eq!(said, expected);
}

async fn what_was_collected_goes_with_its_category_alone(store: &TestStore) {
    let sender = with_figures(store).await;
    note_software(store, sender);

    share(store, sender, &[Category::Software, Category::Volume, Category::Devices]).await;
    let usage = store.sharing.usage(sender).await.unwrap();
    assert!(usage.contact.is_none() && usage.software.is_some());
    share(store, sender, &[Category::Volume]).await;

    store.sharing.write_usage(NOW).await.unwrap();
    assert_eq!(store.sharing.usage(sender).await.unwrap(), UsageRecords::default());
}

async fn figures_are_erased_and_recording_goes_on(store: &TestStore) {
    let sender = with_figures(store).await;

    store.sharing.forget_usage(sender, &entry("usage.delete")).await.unwrap();

    let usage = store.sharing.usage(sender).await.unwrap();
    assert!(usage.software.is_none() && usage.contact.is_some());
    assert_eq!(actions(store).await.last().unwrap().0, "usage.delete");
    note_software(store, sender);
    store.sharing.write_usage(NOW).await.unwrap();
    assert!(store.sharing.usage(sender).await.unwrap().software.is_some());
}

async fn a_lock_ends_all_sharing_and_lets_nobody_begin(store: &TestStore) {
    let (one, other) = (with_figures(store).await, store.sender().await);

    assert_eq!(store.sharing.lock_off(&entry("sharing.lock")).await.unwrap(), 1);

    assert_eq!(store.sharing.usage(one).await.unwrap(), UsageRecords::default());
    assert_eq!(store.sharing.agreements(one).await.unwrap(), []);
    assert!(store.sharing.recorder().consent::<Volume>(one).is_none());
    for sender in [one, other] {
        let answer = store.sharing.share(sender, &[wanted(Category::Volume)], &entry("sharing.on")).await;
        assert_eq!(answer.unwrap(), Shared::LockedOff);
    }
    let entries = actions(store).await.len();
    assert_eq!(store.sharing.lock_off(&entry("sharing.lock")).await.unwrap(), 0);
    assert_eq!(actions(store).await.len(), entries, "a lock that ends nothing is no news");
    store.sharing.unlock();
    assert_eq!(categories(&share(store, one, &[Category::Volume]).await), [Category::Volume]);
}

async fn a_sender_takes_what_it_shared_with_it(store: &TestStore) {
    let (erased, stays) = (with_figures(store).await, with_figures(store).await);

    store.senders.erase(erased, &entry("sender.erase")).await.unwrap();

    assert_eq!(store.sharing.agreements(erased).await.unwrap(), []);
    assert_eq!(store.sharing.usage(erased).await.unwrap(), UsageRecords::default());
    assert!(store.sharing.recorder().consent::<Volume>(erased).is_none());
    let with_usage = store.sharing.senders_with_usage(None, 10).await.unwrap();
    assert_eq!(with_usage.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [stays]);
}

async fn an_unknown_sender_shares_nothing(store: &TestStore) {
    let answer = store.sharing.share(id(), &[wanted(Category::Volume)], &entry("sharing.on")).await;
    assert_eq!(answer.unwrap(), Shared::NoSuchSender);
}

#[tokio::test]
async fn what_was_agreed_in_other_words_records_nothing_until_it_is_agreed_anew() {
    let store = TestStore::sqlite_in_a_file().await;
    let sender = with_figures(&store).await;
    let mut raw = store.raw().connect().await.unwrap();
    sqlx::query("UPDATE sharing SET wording = 0").execute(&mut raw).await.unwrap();
    drop(raw);

    let store = store.reopen().await;

    assert!(store.sharing.recorder().consent::<ServerSoftware>(sender).is_none());
    let there = store.sharing.agreements(sender).await.unwrap();
    assert!(there.len() == 4 && there.iter().all(|one| !one.holds()));
    assert!(store.sharing.usage(sender).await.unwrap().software.is_some(), "what was agreed to then stays");
    share(&store, sender, &Category::ALL).await;
    assert!(store.sharing.recorder().consent::<ServerSoftware>(sender).is_some());
}

#[tokio::test]
async fn what_was_shared_is_in_no_file_when_it_is_switched_off() {
    let store = TestStore::sqlite_in_a_file().await;
    let sender = with_figures(&store).await;
    let in_files = || {
        let files =
            std::fs::read_dir(store.folder()).unwrap().map(|file| std::fs::read(file.unwrap().path()));
        let needles = ["security@example.org", "examplechat"];
        files.flatten().any(|bytes| {
            needles.iter().any(|needle| bytes.windows(needle.len()).any(|part| part == needle.as_bytes()))
        })
    };
    assert!(in_files());

    share(&store, sender, &[]).await;

    assert!(!in_files());
}
