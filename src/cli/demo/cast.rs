//! Who is in the demo: two self-hosted servers and three phones.

use std::time::Duration;

use anyhow::Context;
use sealpush_seal::IdentityKey;

use super::folder::{APP, PROJECT, TOPIC};
use super::stage::Stage;
use crate::api::admin::{NewSenderDocument, NewSenderRequest};
use crate::base::{EntropyRng, Secret};
use crate::cli::client::AppClient;
use crate::cli::device::{Phone, PhoneSetup, PushAddress, TrustModel};
use crate::cli::files::SenderFile;
use crate::cli::operator_link::OperatorLink;
use crate::model::ContentPolicy;

/// How long a code may take through the simulators.
const PATIENCE: Duration = Duration::from_secs(15);

/// A self-hosted server.
pub(crate) struct Server {
    /// Its host name.
    pub(crate) name: &'static str,
    /// The name of its key file.
    pub(crate) file: &'static str,
    /// Its key file.
    pub(crate) keys: SenderFile,
}

/// Everybody.
pub(crate) struct Cast {
    /// A server that seals and signs.
    pub(crate) chat: Server,
    /// An older one that cannot.
    pub(crate) forum: Server,
    /// Its user's iPhone; the server seals.
    pub(crate) iphone: Phone,
    /// The relay seals.
    pub(crate) android: Phone,
    /// An old app without keys; content is omitted.
    pub(crate) old_android: Phone,
}

impl Cast {
    /// Makes senders at the operator's socket, and phones that register and subscribe them.
    pub(crate) async fn gather(stage: &Stage) -> anyhow::Result<Self> {
        let identity = IdentityKey::generate(&mut EntropyRng(&*stage.entropy));
        let identity_public = identity.public();
        let mut chat = Server::add(stage, "chat.example", "chat.json", ContentPolicy::SealedOnly).await?;
        chat.keys.identity = Some(identity);
        let mut forum = Server::add(stage, "forum.example", "forum.json", ContentPolicy::SealOrOmit).await?;
        let relay = AppClient::new(stage.http.clone(), stage.relay.clone());
        let apns = stage.simulator.apns_device(TOPIC, push_simulator::Environment::Production);
        let fcm = [stage.simulator.fcm_device(PROJECT), stage.simulator.fcm_device(PROJECT)];
        let [first_fcm, second_fcm] = fcm;
        let phone = |name: &str, push_service, device_token, sender, trust| {
            let address = PushAddress { push_service, device_token };
            let setup = PhoneSetup { name: name.to_owned(), app: APP, address, sender, trust };
            Phone::set_up(&relay, setup, &*stage.entropy)
        };
        let (of_chat, of_forum) = (chat.id().to_owned(), forum.id().to_owned());
        let signed = TrustModel::ServerSigns(identity_public);
        let iphone = phone("iPhone", "apns", apns, &of_chat, signed).await?;
        let android = phone("Android", "fcm", first_fcm, &of_forum, TrustModel::RelaySeals).await?;
        let old_android = phone("old Android", "fcm", second_fcm, &of_forum, TrustModel::NoKeys).await?;
        let mut phones = [iphone, android, old_android];
        for phone in &mut phones {
            let code = stage.simulator.next_push(&phone.address().device_token, 0, PATIENCE).await;
            let code =
                code.with_context(|| format!("the relay's code did not reach the {}", phone.name()))?;
            phone.prove(&relay, code.number, &code.body).await?;
        }
        let [iphone, android, old_android] = phones;
        chat.keys.devices.push(iphone.for_its_server());
        forum.keys.devices.extend([android.for_its_server(), old_android.for_its_server()]);
        let cast = Self { chat, forum, iphone, android, old_android };
        cast.write_files(stage)?;
        Ok(cast)
    }

    fn write_files(&self, stage: &Stage) -> anyhow::Result<()> {
        for server in [&self.chat, &self.forum] {
            server.keys.write(&stage.folder.path("servers").join(server.file))?;
        }
        for (phone, name) in [(&self.iphone, "iphone.json"), (&self.android, "android.json")] {
            if let Some(file) = phone.file() {
                file.write(&stage.folder.path("phones").join(name))?;
            }
        }
        Ok(())
    }

    /// The phones, in the order of the demo.
    pub(crate) fn phones(&self) -> [&Phone; 3] {
        [&self.iphone, &self.android, &self.old_android]
    }
}

impl Server {
    async fn add(
        stage: &Stage,
        name: &'static str,
        file: &'static str,
        content_policy: ContentPolicy,
    ) -> anyhow::Result<Self> {
        let operator = OperatorLink::open(&stage.config).await?;
        let request = NewSenderRequest { name: name.to_owned(), content_policy: Some(content_policy) };
        let added: NewSenderDocument = operator.post("/admin/senders", &request).await?;
        let keys = SenderFile {
            relay: stage.relay.url().to_owned(),
            ca_file: Some(stage.folder.path("ca.pem")),
            sender: Some(added.sender.id),
            credential: Secret::new(added.credential),
            identity: None,
            devices: Vec::new(),
        };
        Ok(Self { name, file, keys })
    }

    /// Its id at the relay.
    pub(crate) fn id(&self) -> &str {
        self.keys.sender.as_deref().unwrap_or_default()
    }
}
