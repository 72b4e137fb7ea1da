//! Submits a batch, again and again with the same ids where that is right, and believes only what was asked.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Batch;
use super::batch::Sent;
use crate::cli::client::{ClientError, OutcomesAnswer, SenderClient, TryAgain};

/// The first pause where the other side did not name one; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Submits until there is an answer, and asks on while targets are not decided. The protocol makes the first safe:
/// the same id and body joins what runs, or gets the stored answer. `retrying` is told of each failure that is
/// tried again.
pub(crate) async fn submit(
    client: &SenderClient,
    batch: &Batch,
    patience: Duration,
    mut retrying: impl FnMut(&ClientError, Duration),
) -> Result<OutcomesAnswer, ClientError> {
    let (deadline, subscriptions) = (Instant::now() + patience, batch.subscriptions());
    let mut pause = FIRST_PAUSE;
    let answer = loop {
        let error = match client.submit(batch.body.clone(), &batch.id, &subscriptions).await {
            Ok(answer) => break answer,
            Err(error) => error,
        };
        let wait = match error.try_again() {
            TryAgain::Never => return Err(error),
            TryAgain::Soon => pause,
            TryAgain::After(named) => named,
        };
        if Instant::now() + wait > deadline {
            return Err(error);
        }
        retrying(&error, wait);
        sleep(wait).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    };
    check_forms(client, batch, decided(client, batch, answer, deadline).await?)
}

/// Asks again until every target is decided, or the time is over. A failure to ask takes nothing away.
async fn decided(
    client: &SenderClient,
    batch: &Batch,
    mut answer: OutcomesAnswer,
    deadline: Instant,
) -> Result<OutcomesAnswer, ClientError> {
    let is_pending =
        |answer: &OutcomesAnswer| answer.targets.iter().any(|target| target.outcome == "pending");
    while batch.waits && is_pending(&answer) && Instant::now() + FIRST_PAUSE <= deadline {
        sleep(FIRST_PAUSE).await;
        match client.outcomes(&batch.id, &batch.subscriptions()).await {
            Ok(newer) => answer = newer,
            Err(error @ ClientError::NotAsked { .. }) => return Err(error),
            Err(_) => {}
        }
    }
    Ok(answer)
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
