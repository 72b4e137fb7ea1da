//! What stops when a push service refuses, fails or asks for rest, and what goes on beside it.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use push_simulator::{Effect, FcmFailure, Rule, RuleTarget};
use sealpush::base::OsEntropy;
use sealpush::model::{AttemptOutcome, Placeholder, PushService, Reason};
use sealpush::push_services::{AppCredentials, CredentialStanding, PushServices, PushSettings};

use super::outbound::Outbound;
use super::rig::{PROJECT, Rig, TOPIC, apns_credentials, fcm_credentials, settings_for};

const SECOND: Duration = Duration::from_secs(1);
/// Longer than any wait between two tries.
const NEXT_TRY: Duration = Duration::from_secs(61);
/// A second Firebase project, and a second bundle id.
const OTHER: &str = "other-example";
const OTHER_TOPIC: &str = "org.example.other";

/// A second app, `other`, beside the rig's `chat`.
fn with_another_app(rig: &Rig, change: impl FnOnce(&mut AppCredentials)) -> Arc<PushServices> {
    let chat = AppCredentials {
        app: "chat".parse().unwrap(),
        placeholder: Placeholder::default(),
        apns: Some(apns_credentials(&rig.simulator)),
        fcm: Some(fcm_credentials(&rig.simulator)),
    };
    let mut other = AppCredentials { app: "other".parse().unwrap(), ..chat.clone() };
    change(&mut other);
    let settings = PushSettings { under_way: 8, ..settings_for(&rig.simulator) };
    let (clock, entropy) = (rig.clock.clone(), Arc::new(OsEntropy));
    Arc::new(PushServices::new(vec![chat, other], settings, clock, entropy).unwrap())
}

/// Makes the app one of another Firebase project.
fn in_another_project(rig: &Rig, other: &mut AppCredentials) {
    let account: serde_json::Value =
        serde_json::from_str(&rig.simulator.service_account_json(OTHER)).unwrap();
    let member = |name: &str| account[name].as_str().unwrap().to_owned();
    let fcm = other.fcm.as_mut().unwrap();
    (fcm.project_id, fcm.client_email) = (member("project_id"), member("client_email"));
    fcm.private_key_id = member("private_key_id");
}

/// An alert of the app of that project.
fn to_the_other_project(rig: &Rig) -> Outbound {
    let token = rig.simulator.fcm_device(OTHER);
    let app = "other".parse().unwrap();
    Outbound { app, ..Outbound::alert(PushService::Fcm, &token, super::rig::START) }
}

/// How many requests came to push services.
fn requests(rig: &Rig) -> usize {
    rig.simulator.records().iter().filter(|record| record.host != push_simulator::Host::Token).count()
}

fn is_not_attempted(outcome: &AttemptOutcome) -> bool {
    matches!(outcome, AttemptOutcome::NotAttempted { .. })
}

#[tokio::test]
async fn of_a_held_app_one_delivery_at_a_time_tries_and_all_go_when_it_is_mended() {
    for push_service in PushService::ALL {
        let rig = Rig::start().await;
        let forbidden = match push_service {
            PushService::Apns => Rule::new(RuleTarget::Apns, Effect::apns(403, "Forbidden")),
            PushService::Fcm => Rule::new(RuleTarget::Fcm, Effect::fcm(FcmFailure::PermissionDenied)),
        };
        rig.push_under(push_service, forbidden).await;
        let outbound = rig.outbound(push_service);
        let many = async || join_all((0..50).map(|_| rig.push(&outbound))).await;

        let outcomes = many().await;
        assert!(outcomes.iter().all(is_not_attempted), "{outcomes:?}");
        assert_eq!(requests(&rig), 1);
        rig.clock.advance(NEXT_TRY);
        let outcomes = many().await;
        assert_eq!(outcomes.iter().filter(|outcome| is_not_attempted(outcome)).count(), 49);
        assert_eq!(requests(&rig), 2);

        rig.simulator.clear_script();
        rig.clock.advance(NEXT_TRY);
        assert_eq!(rig.push(&outbound).await, AttemptOutcome::Accepted);
        assert_eq!(many().await, vec![AttemptOutcome::Accepted; 50]);
        assert_eq!(rig.standing(push_service), CredentialStanding::Usable);
    }
}

#[tokio::test]
async fn a_push_service_that_fails_for_one_app_is_left_alone_and_serves_the_others() {
    let rig = Rig::start().await;
    let services = with_another_app(&rig, |other| in_another_project(&rig, other));
    let down = Effect::fcm(FcmFailure::Unavailable);
    rig.simulator.script(Rule::new(RuleTarget::Project(PROJECT.to_owned()), down));
    let ours = rig.outbound(PushService::Fcm);
    let theirs = to_the_other_project(&rig);

    for _ in 0..10 {
        let outcome = services.push(ours.as_push()).await;
        assert!(matches!(outcome, AttemptOutcome::TryLater { .. }), "{outcome:?}");
        rig.clock.advance(SECOND);
    }

    assert!(is_not_attempted(&services.push(ours.as_push()).await));
    assert_eq!(services.push(theirs.as_push()).await, AttemptOutcome::Accepted);
    rig.simulator.clear_script();
    rig.clock.advance(NEXT_TRY);
    assert_eq!(services.push(ours.as_push()).await, AttemptOutcome::Accepted);
    assert_eq!(services.push(ours.as_push()).await, AttemptOutcome::Accepted);
}

#[tokio::test]
async fn a_push_service_that_falls_silent_for_one_app_leaves_places_to_the_others() {
    let rig = Rig::start().await;
    let services = with_another_app(&rig, |other| in_another_project(&rig, other));
    rig.simulator.script(Rule::new(RuleTarget::Project(PROJECT.to_owned()), Effect::Silence));
    let (ours, theirs) = (rig.outbound(PushService::Fcm), to_the_other_project(&rig));

    // Three quarters of eight.
    let silent = join_all((0..6).map(|_| services.push(ours.as_push())));
    let meanwhile = async {
        assert!(is_not_attempted(&services.push(ours.as_push()).await));
        assert_eq!(services.push(theirs.as_push()).await, AttemptOutcome::Accepted);
    };

    tokio::select! {
        biased;
        outcomes = silent => panic!("{outcomes:?}"),
        () = meanwhile => {}
    }
}

#[tokio::test]
async fn a_silent_push_service_leaves_places_to_the_same_app_at_the_other_one() {
    let rig = Rig::start().await;
    let services = with_another_app(&rig, |other| in_another_project(&rig, other));
    rig.simulator.script(Rule::new(RuleTarget::Project(PROJECT.to_owned()), Effect::Silence));
    let (silent, elsewhere) = (rig.outbound(PushService::Fcm), rig.outbound(PushService::Apns));

    let silent = join_all((0..8).map(|_| services.push(silent.as_push())));

    tokio::select! {
        biased;
        outcomes = silent => panic!("{outcomes:?}"),
        outcome = services.push(elsewhere.as_push()) => assert_eq!(outcome, AttemptOutcome::Accepted),
    }
}

#[tokio::test]
async fn an_outage_of_the_token_endpoint_shows_as_one_of_fcm() {
    let rig = Rig::start().await;
    let services = with_another_app(&rig, |other| in_another_project(&rig, other));
    rig.simulator.script(Rule::new(RuleTarget::TokenEndpoint, Effect::answer(503, "")));
    let push = rig.outbound(PushService::Fcm);
    for _ in 0..10 {
        let outcome = services.push(push.as_push()).await;
        assert!(
            matches!(outcome, AttemptOutcome::TryLater { .. } | AttemptOutcome::NotProcessed { .. }),
            "{outcome:?}"
        );
        rig.clock.advance(Duration::from_secs(1));
    }
    let states = services.credential_states();
    let failing = |state: &&sealpush::push_services::CredentialState| state.standing.as_str() == "failing";
    assert_eq!(states.iter().filter(failing).count(), 1, "{states:?}");
}

#[tokio::test]
async fn a_key_of_many_apps_that_is_refused_stops_all_of_them_and_a_topic_only_its_own() {
    for (status, reason, stops_other) in [(403, "Forbidden", true), (400, "BadTopic", false)] {
        let rig = Rig::start().await;
        let services =
            with_another_app(&rig, |other| other.apns.as_mut().unwrap().topic = OTHER_TOPIC.to_owned());
        rig.simulator.add_topic(&rig.simulator.apns_team().team_id, OTHER_TOPIC);
        let refusal = Effect::apns(status, reason);
        rig.simulator.script(Rule::new(RuleTarget::Topic(TOPIC.to_owned()), refusal));
        let token = rig.simulator.apns_device(OTHER_TOPIC, push_simulator::Environment::Production);
        let app = "other".parse().unwrap();
        let theirs = Outbound { app, ..Outbound::alert(PushService::Apns, &token, super::rig::START) };

        let outcome = services.push(rig.outbound(PushService::Apns).as_push()).await;

        assert_eq!(outcome, AttemptOutcome::AppHeld { reason: Reason::theirs(reason) });
        assert_eq!(is_not_attempted(&services.push(theirs.as_push()).await), stops_other, "{reason}");
    }
}

#[tokio::test]
async fn two_apps_of_one_team_share_a_connection_and_two_teams_never_do() {
    for same_team in [true, false] {
        let rig = Rig::start().await;
        let team =
            if same_team { rig.simulator.apns_team().clone() } else { rig.simulator.add_team().unwrap() };
        rig.simulator.add_topic(&team.team_id, OTHER_TOPIC);
        let services = with_another_app(&rig, |other| {
            let apns = other.apns.as_mut().unwrap();
            apns.topic = OTHER_TOPIC.to_owned();
            (apns.team_id, apns.key_id) = (team.team_id.clone(), team.key_id.clone());
            apns.private_key_pem = sealpush::base::Secret::new(team.private_key_p8.clone());
        });
        let token = rig.simulator.apns_device(OTHER_TOPIC, push_simulator::Environment::Production);
        let app = "other".parse().unwrap();
        let theirs = Outbound { app, ..Outbound::alert(PushService::Apns, &token, super::rig::START) };

        assert_eq!(services.push(rig.outbound(PushService::Apns).as_push()).await, AttemptOutcome::Accepted);
        assert_eq!(services.push(theirs.as_push()).await, AttemptOutcome::Accepted);

        assert_eq!(rig.connections(), if same_team { 1 } else { 2 });
    }
}

#[tokio::test]
async fn a_projects_quota_gives_the_whole_app_rest_and_a_devices_only_that_delivery() {
    for (failure, rests) in [(FcmFailure::QuotaExceeded, true), (FcmFailure::DeviceQuotaExceeded, false)] {
        let rig = Rig::start().await;
        let rule = Rule::new(RuleTarget::Fcm, Effect::fcm(failure)).times(1);
        rig.push_under(PushService::Fcm, rule).await;
        let next = rig.push(&rig.outbound(PushService::Fcm)).await;
        assert_eq!(is_not_attempted(&next), rests, "{failure:?}");
        rig.clock.advance(NEXT_TRY);
        assert_eq!(rig.push(&rig.outbound(PushService::Fcm)).await, AttemptOutcome::Accepted);
    }
}

#[tokio::test]
async fn a_provider_token_that_was_renewed_too_often_gives_the_key_rest_and_stays() {
    let rig = Rig::start().await;
    let too_many = Effect::apns(429, "TooManyProviderTokenUpdates");
    rig.push_under(PushService::Apns, Rule::new(RuleTarget::Apns, too_many).times(1)).await;
    assert!(is_not_attempted(&rig.push(&rig.outbound(PushService::Apns)).await));
    let standing = rig.standing(PushService::Apns);
    assert_eq!((standing.as_str(), requests(&rig)), ("resting", 1));
    rig.clock.advance(NEXT_TRY);
    assert_eq!(rig.push(&rig.outbound(PushService::Apns)).await, AttemptOutcome::Accepted);
    assert_eq!(rig.authorizations().len(), 1);
}

#[tokio::test]
async fn too_much_for_one_device_stops_nobody_else() {
    let rig = Rig::start().await;
    let too_many = Rule::new(RuleTarget::Apns, Effect::apns(429, "TooManyRequests")).times(1);
    let outcome = rig.push_under(PushService::Apns, too_many).await;
    assert!(matches!(outcome, AttemptOutcome::TryLater { .. }), "{outcome:?}");
    assert_eq!(rig.push(&rig.outbound(PushService::Apns)).await, AttemptOutcome::Accepted);
}

#[tokio::test]
async fn every_refusal_that_apple_documents_has_a_row_of_its_own() {
    let rows = PushServices::answers(PushService::Apns);
    for (status, reason) in push_simulator::APNS_REFUSALS {
        let found = rows.iter().any(|row| row.status() == status.to_string() && row.reason() == reason);
        assert!(found, "{status} {reason}");
    }
}

#[tokio::test]
async fn no_failure_of_fcm_but_unregistered_says_that_a_token_is_dead() {
    for failure in FcmFailure::ALL {
        let rig = Rig::start().await;
        let outcome =
            rig.push_under(PushService::Fcm, Rule::new(RuleTarget::Fcm, Effect::fcm(failure))).await;
        let is_dead = matches!(outcome, AttemptOutcome::TokenDead { .. });
        assert_eq!(is_dead, failure == FcmFailure::Unregistered, "{failure:?} {outcome:?}");
        assert_ne!(outcome, AttemptOutcome::Accepted);
    }
}
