//! One notification from its sender to its phone, with everything that can be seen of it on the way.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::Context;
use bytes::Bytes;
use push_simulator::{Push, Record};

use super::cast::Server;
use super::stage::Stage;
use super::stored::StoredView;
use crate::base::Secret;
use crate::cli::client::{SenderClient, TargetAnswer};
use crate::cli::content::Content;
use crate::cli::device::{Phone, Shown};
use crate::cli::send::{Batch, Sealing, SendOptions, submit};

/// How long a push may take to reach its phone on this machine.
const PATIENCE: Duration = Duration::from_secs(15);

/// What one scene is about.
pub(crate) struct Plan {
    /// What is sent.
    pub(crate) content: Content,
    /// The form in which it must go out, by its name in the API.
    pub(crate) form: &'static str,
    /// Whether the server cannot seal, so that the relay reads the content.
    pub(crate) relay_may_read: bool,
}

/// What happened.
pub(crate) struct Scene {
    /// The plan.
    pub(crate) plan: Plan,
    /// The server's name.
    pub(crate) server: &'static str,
    /// The phone's name.
    pub(crate) phone: String,
    /// `apns` or `fcm`.
    pub(crate) push_service: &'static str,
    /// The phone's device token.
    pub(crate) device_token: String,
    /// The body of the request to the relay.
    pub(crate) request: Bytes,
    /// What the relay answered about the target.
    pub(crate) answer: TargetAnswer,
    /// What the relay has of it in its database.
    pub(crate) stored: StoredView,
    /// The request that the push service got.
    pub(crate) record: Record,
    /// What the push service handed to the phone.
    pub(crate) push: Push,
    /// What the phone showed.
    pub(crate) shown: Shown,
    /// What it fetched from its own server by the reference.
    pub(crate) fetched: Option<Content>,
}

impl Scene {
    /// Plays it.
    pub(crate) async fn play(
        stage: &Stage,
        server: &Server,
        phone: &mut Phone,
        plan: Plan,
    ) -> anyhow::Result<Self> {
        // What the server keeps for phones that fetch. A reference is random: the push service sees it.
        let reference = sealpush_seal::base64url::encode(&stage.entropy.bytes::<12>());
        let kept = HashMap::from([(reference.clone(), plan.content.clone())]);
        let device = phone.for_its_server();
        let sealing = Sealing {
            identity: server.keys.identity.as_ref(),
            clock: &*stage.clock,
            entropy: &*stage.entropy,
            relay_may_read: plan.relay_may_read,
        };
        let options =
            SendOptions { reference: plan.relay_may_read.then_some(reference), ..SendOptions::default() };
        let batch = Batch::seal(&plan.content, &options, &[device], &sealing)?;
        let credential = Secret::new(server.keys.credential.expose().clone());
        let client = SenderClient::new(stage.http.clone(), stage.relay.clone(), credential);
        let answer = submit(&client, &batch, Duration::ZERO, |_, _| ()).await?;
        let answer = answer.targets.into_iter().next().context("the relay answered about no target")?;
        let device_token = phone.address().device_token.clone();
        let push = stage.simulator.next_push(&device_token, phone.taken(), PATIENCE).await;
        let push = push.with_context(|| {
            let reason = answer.reason.as_deref().unwrap_or("no reason");
            format!("nothing reached the {}: {}, {reason}", phone.name(), answer.outcome)
        })?;
        let record = stage.simulator.records().into_iter().rev();
        let record = record
            .filter(|record| record.status() == Some(200))
            .find(|record| record.path.contains(&device_token) || record.body.contains(&device_token))
            .context("the simulator did not record the request")?;
        let shown = phone.receive(&push.body, stage.clock.now());
        let fetched = match &shown {
            Shown::Placeholder { reference: Some(reference), .. } => kept.get(reference).cloned(),
            _ => None,
        };
        let stored = StoredView::of(&stage.config.storage.path, phone, &batch.id).await?;
        Ok(Self {
            plan,
            server: server.name,
            phone: phone.name().to_owned(),
            push_service: phone.address().push_service,
            device_token,
            request: batch.body,
            answer,
            stored,
            record,
            push,
            shown,
            fetched,
        })
    }

    /// The vendor behind the push service.
    pub(crate) fn vendor(&self) -> &'static str {
        if self.push_service == "apns" { "Apple" } else { "Google" }
    }
}
