//! The demo's folder: what an operator would have in `/etc/sealpush`, what two servers and three phones would have.
//!
//! ```text
//! ca.pem                     the certificate authority of relay and simulators
//! relay/sealpush.toml, …     the relay's config, its app, its keys, its database
//! servers/chat.json, …       each server's key file
//! phones/iphone.json, …      each phone's key file
//! demo.json                  where everything is, for `sealpush simulate-device --demo`
//! ```

use std::fs;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::Context;
use push_simulator::{Environment, Simulator};
use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use tempfile::TempDir;

use crate::base::Entropy;

/// The app's id at the relay.
pub(crate) const APP: &str = "messenger";
/// The app's bundle id.
pub(crate) const TOPIC: &str = "org.example.messenger";
/// The app's Firebase project.
pub(crate) const PROJECT: &str = "messenger-example";
/// What a phone shows where there is no content.
pub(crate) const PLACEHOLDER: &str = "New notification";

/// The folder, removed when dropped.
pub(crate) struct Folder(TempDir);

impl Folder {
    /// Makes the folder with all that the relay needs.
    pub(crate) fn make(simulator: &Simulator, entropy: &dyn Entropy) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("sealpush-demo-").tempdir();
        let folder = Self(folder.context("cannot make a temporary folder")?);
        for name in ["relay", "relay/apps", "servers", "phones"] {
            fs::DirBuilder::new().mode(0o700).create(folder.path(name))?;
        }
        let team = simulator.apns_team();
        simulator.add_topic(&team.team_id, TOPIC);
        let authority = folder.write_certificates()?;
        // One file for both: what the relay trusts for push services, and what clients trust for the relay.
        folder.write("ca.pem", &format!("{authority}{}", simulator.ca_pem()))?;
        folder.write("relay/storage.key", &sealpush_seal::base64url::encode(&entropy.bytes::<32>()))?;
        folder.write("relay/apps/apns.p8", &team.private_key_p8)?;
        folder.write("relay/apps/service-account.json", &simulator.service_account_json(PROJECT))?;
        folder.write("relay/sealpush.toml", &config(simulator))?;
        folder.write(&format!("relay/apps/{APP}.toml"), &app(&team.team_id, &team.key_id))?;
        Ok(folder)
    }

    /// The path of something in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The folder itself.
    pub(crate) fn root(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file that its owner alone may read.
    pub(crate) fn write(&self, name: &str, text: &str) -> anyhow::Result<()> {
        use std::io::Write as _;
        let path = self.path(name);
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .with_context(|| format!("cannot make {}", path.display()))?;
        Ok(file.write_all(text.as_bytes())?)
    }

    /// A certificate for `localhost` from an authority of its own, which signs nothing else.
    fn write_certificates(&self) -> anyhow::Result<String> {
        let mut authority = CertificateParams::default();
        authority.distinguished_name.push(DnType::CommonName, "Sealpush demo CA");
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        let authority_key = KeyPair::generate()?;
        let ca = authority.self_signed(&authority_key)?;
        let mut params = CertificateParams::new(["localhost".to_owned(), "127.0.0.1".to_owned()])?;
        params.distinguished_name.push(DnType::CommonName, "localhost");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &Issuer::new(authority, authority_key))?;
        self.write("relay/tls.pem", &certificate.pem())?;
        self.write("relay/tls.key", &key.serialize_pem())?;
        Ok(ca.pem())
    }
}

fn config(simulator: &Simulator) -> String {
    format!(
        r#"[relay]
name = "Sealpush demo"
contact = "you@localhost"

[listen]
address = "127.0.0.1:0"
tls = {{ certificate = "tls.pem", key = "tls.key" }}

[operator]
address = "127.0.0.1:0"

[storage]
key_file = "storage.key"

[push_services]
apns_production_url = "{}"
apns_sandbox_url = "{}"
fcm_url = "{}"
fcm_token_url = "{}"
ca_file = "../ca.pem"
"#,
        simulator.apns(Environment::Production).url(),
        simulator.apns(Environment::Sandbox).url(),
        simulator.fcm_url(),
        simulator.token_url()
    )
}

fn app(team_id: &str, key_id: &str) -> String {
    format!(
        r#"id = "{APP}"
placeholder = "{PLACEHOLDER}"

[apns]
team_id = "{team_id}"
key_id = "{key_id}"
key_file = "apns.p8"
topic = "{TOPIC}"

[fcm]
service_account_file = "service-account.json"
"#
    )
}
