//! Credentials that a push service refuses.

use std::collections::BTreeMap;

use push_simulator::{Clock, Effect, Rule, RuleTarget};
use sealpush::base::{Clock as _, SystemClock};

use super::Setup;
use super::setup::APP;
use crate::support::World;

#[tokio::test]
async fn a_wrong_team_is_refused_by_apple() {
    let setup = Setup::new().await;
    let team = setup.value(APP, "team_id");
    setup.edit(APP, &team, "WRONGTEAM1");
    setup.check(&[]).await.fails(&[
        "✗ credential  app chat at APNs (production) [credential]: is refused with InvalidProviderToken: key",
        "of team WRONGTEAM1",
        "-> compare apns.team_id and apns.key_id with developer.apple.com",
        "✓ credential  app chat at FCM: is taken",
    ]);
    setup.end().await;
}

#[tokio::test]
async fn a_wrong_key_id_is_refused_by_apple() {
    let setup = Setup::new().await;
    let key = setup.value(APP, "key_id");
    setup.edit(APP, &key, "WRONGKEY01");
    setup.check(&[]).await.fails(&[
        "is refused with InvalidProviderToken: key WRONGKEY01 of team",
        "-> compare apns.team_id and apns.key_id with developer.apple.com",
    ]);
    setup.end().await;
}

#[tokio::test]
async fn a_clock_that_is_an_hour_behind_is_told_by_google() {
    let theirs = Clock::from_fn(|| u64::try_from(SystemClock.now().0).unwrap() + 3_700_000);
    let setup = Setup::of(World::builder().simulator(|config| config.clock = theirs)).await;
    setup.check(&[]).await.fails(&[
        "✗ clock       this machine's clock: is 3",
        "s behind localhost:",
        "push services refuse tokens with such a date",
        "-> switch time synchronisation on",
        "✗ credential  app chat at APNs (production) [credential]: is refused with ExpiredProviderToken",
        "-> set this machine's clock: Apple takes tokens of the last hour only",
    ]);
    setup.end().await;
}

#[tokio::test]
async fn a_service_account_of_another_project_is_refused_by_google() {
    let setup = Setup::new().await;
    setup.edit("apps/fcm.json", "\"chat-project\"", "\"other-project\"");
    setup.check(&[]).await.fails(&[
        "✗ credential  app chat at FCM [credential]: is refused with",
        "for project other-project",
        "-> ",
        "✓ credential  app chat at APNs (production): is taken",
    ]);
    setup.end().await;
}

#[tokio::test]
async fn a_service_account_that_was_disabled_is_refused_by_google() {
    let setup = Setup::new().await;
    // Google Identity, "Using OAuth 2.0 for Server to Server Applications": JWT error codes.
    let (status, body) = (401, r#"{"error":"disabled_client","error_description":"disabled"}"#.to_owned());
    let disabled = Effect::Answer { status, headers: BTreeMap::new(), body };
    setup.world.simulator.script(Rule::new(RuleTarget::TokenEndpoint, disabled));
    setup.check(&[]).await.fails(&[
        "✗ credential  app chat at FCM [credential]: is refused with disabled_client:",
        "-> the service account is not what it was",
    ]);
    setup.end().await;
}

#[tokio::test]
async fn a_push_service_that_is_down_says_nothing_of_credentials() {
    let setup = Setup::new().await;
    let unavailable = Effect::Answer { status: 503, headers: BTreeMap::new(), body: String::new() };
    setup.world.simulator.script(Rule::new(RuleTarget::TokenEndpoint, unavailable));
    let checked = setup.check(&[]).await;
    assert_eq!(checked.code, 0, "{}", checked.out);
    checked.says(&[
        "! credential  app chat at FCM: nothing was said of it (oauth_http_503)",
        "-> try again in some minutes",
    ]);
    setup.end().await;
}
