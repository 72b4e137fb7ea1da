//! Submits a batch, again and again with the same ids where that is right, and believes only what was asked.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Batch;
use super::batch::Sent;
use crate::cli::client::{ClientError, OutcomesAnswer, SenderClient};

/// The first pause where the other side did not name one; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Submits until there is an answer. The protocol makes that safe: the same id and body joins what runs, or gets
/// the stored answer. `retrying` is told of each failure that is tried again.
pub(crate) async fn submit(
    client: &SenderClient,
    batch: &Batch,
    retry_for: Duration,
    mut retrying: impl FnMut(&ClientError, Duration),
) -> Result<OutcomesAnswer, ClientError> {
    let (deadline, subscriptions) = (Instant::now() + retry_for, batch.subscriptions());
    let mut pause = FIRST_PAUSE;
    loop {
        let error = match client.submit(batch.body.clone(), &batch.id, &subscriptions).await {
            Ok(answer) => return check_forms(client, batch, answer),
            Err(error) => error,
        };
        let Some(named) = error.try_again() else { return Err(error) };
        let wait = named.unwrap_or(pause);
        if Instant::now() + wait > deadline {
            return Err(error);
        }
        retrying(&error, wait);
        sleep(wait).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// What left sealed cannot have gone out in another form: a relay that says so is not believed.
fn check_forms(
    client: &SenderClient,
    batch: &Batch,
    answer: OutcomesAnswer,
) -> Result<OutcomesAnswer, ClientError> {
    let lie = answer.targets.iter().find(|target| {
        batch.sent.get(&target.subscription) == Some(&Sent::Envelope)
            && target.form.as_deref().is_some_and(|form| form != "sealed_by_sender")
    });
    match lie {
        None => Ok(answer),
        Some(target) => Err(ClientError::NotAsked {
            hop: client.hop().clone(),
            problem: format!(
                "it says that the envelope for {} went out as {}",
                target.subscription,
                target.form.as_deref().unwrap_or_default()
            ),
        }),
    }
}
