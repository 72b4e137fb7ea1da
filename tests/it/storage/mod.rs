//! The conformance suite of the store: every case runs on every engine.
//!
//! A case is `async fn case(store: &TestStore)` and knows nothing of the engine. `on_every_engine!` turns a
//! list of cases into tests, one per case and engine; a further engine is one more line there and one more
//! way to make a [`TestStore`].

mod acting;
mod admission;
mod audit;
mod backlog;
mod call_offs;
mod confirmations;
mod contents;
mod copies;
mod credentials;
mod ends;
mod feedback;
mod held;
mod inventory;
mod lanes;
mod migrations;
mod operator_tokens;
mod outbox;
mod outcomes;
mod registrations;
mod rekey;
mod rekey_file;
mod restores;
mod retention;
mod sealed;
mod senders;
mod shared_usage;
mod sharing;
mod sqlite_file;
mod subscriptions;
pub(crate) mod test_store;
mod unused_senders;
mod waiting;

/// A test for each case on each engine.
macro_rules! on_every_engine {
    ($($case:ident),+ $(,)?) => {
        mod on_sqlite_in_memory {
            $(#[tokio::test] async fn $case() {
                super::$case(&crate::storage::test_store::TestStore::sqlite_in_memory().await).await;
            })+
        }
        mod on_sqlite_in_a_file {
            $(#[tokio::test] async fn $case() {
                super::$case(&crate::storage::test_store::TestStore::sqlite_in_a_file().await).await;
            })+
        }
    };
}
use on_every_engine;
