//! Clients that must show a certificate.

use time::Duration;

use super::certificates::Files;
use super::{Authority, TlsClient};
use crate::support::World;

const YEAR: Duration = Duration::days(365);

async fn world(authority: &Authority, clients: &Authority, mode: &str) -> (World, Files) {
    let files = Files::with(&authority.issue(YEAR));
    let root = files.0.path().join("clients.pem");
    std::fs::write(&root, clients.pem()).unwrap();
    let asks = format!(", client_ca_file = '{}', client_certificate = '{mode}'", root.display());
    (files.world(&asks).await, files)
}

#[tokio::test(flavor = "multi_thread")]
async fn only_clients_of_the_named_authority_get_in() {
    let (authority, clients) = (Authority::new(), Authority::new());
    let (world, _files) = world(&authority, &clients, "required").await;
    let (known, stranger) = (clients.issue(YEAR), Authority::new().issue(YEAR));

    let seen = TlsClient::new(&world, &authority, Some(&known)).see().await.unwrap();

    assert!(seen.answer.starts_with("HTTP/1.1 200"), "{seen:?}");
    for refused in [None, Some(&stranger)] {
        let seen = TlsClient::new(&world, &authority, refused).see().await;
        assert!(seen.is_err(), "{seen:?}");
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_certificates_are_optional_a_false_one_is_still_refused() {
    let (authority, clients) = (Authority::new(), Authority::new());
    let (world, _files) = world(&authority, &clients, "optional").await;

    let without = TlsClient::new(&world, &authority, None).see().await.unwrap();

    assert!(without.answer.starts_with("HTTP/1.1 200"), "{without:?}");
    let stranger = Authority::new().issue(YEAR);
    assert!(TlsClient::new(&world, &authority, Some(&stranger)).see().await.is_err());
    world.end().await;
}
