//! Where a certificate that the relay orders is kept, with its key and the account's. That an authority gives one is
//! shown by `tests/peers/acme`.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::{World, WorldBuilder};

/// A relay that orders its certificate from an authority that is not there.
fn builder() -> WorldBuilder {
    let acme = "acme = { cache_dir = \"acme\", domains = [\"relay.test\"], agree_to_terms = true, directory_url = \
                \"https://localhost:1/dir\" }";
    let builder = World::builder().config("listen", "address = \"127.0.0.1:0\"");
    builder.config("listen", format!("tls = {{ {acme} }}"))
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keys_of_an_ordered_certificate_are_for_the_relays_user_alone() {
    let mut world = builder().start().await;
    let cache = world.folder.path().join("acme");
    assert_eq!(mode(&cache), 0o700);
    world.stop_relay().await;
    for others in [0o750, 0o705, 0o701] {
        std::fs::set_permissions(&cache, std::fs::Permissions::from_mode(others)).unwrap();

        let refused = world.try_to_start().await.err().expect("others could read the keys").to_string();

        assert!(refused.contains("chmod 700"), "{refused}");
    }
    world.end().await;
}
