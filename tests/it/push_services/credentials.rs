//! Provider tokens and access tokens: made rarely, renewed when refused, and their state known.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::future::join_all;
use push_simulator::{Effect, FcmFailure, Rule, RuleTarget};
use sealpush::base::Clock as _;
use sealpush::model::{AttemptOutcome, PushService, Reason};
use sealpush::push_services::CredentialStanding;

use super::rig::{Rig, START};

const MINUTE: Duration = Duration::from_mins(1);

fn held(reason: &str) -> AttemptOutcome {
    AttemptOutcome::AppHeld { reason: Reason::theirs(reason) }
}

#[tokio::test]
async fn a_hundred_pushes_show_one_token_each_way() {
    let rig = Rig::start().await;
    for push_service in PushService::ALL {
        let outbound = rig.outbound(push_service);
        let outcomes = join_all((0..100).map(|_| rig.push(&outbound))).await;
        assert_eq!(outcomes, vec![AttemptOutcome::Accepted; 100]);
    }
    assert_eq!(rig.authorizations().len(), 2);
    assert_eq!(rig.token_exchanges(), 1);
    let figures = rig.services.token_figures().map(|one| (one.had, one.failed));
    assert_eq!(figures, [(1, 0), (1, 0)]);
}

#[tokio::test]
async fn a_provider_token_is_renewed_before_it_is_an_hour_old() {
    let rig = Rig::start().await;
    for _ in 0..4 {
        assert_eq!(rig.push(&rig.outbound(PushService::Apns)).await, AttemptOutcome::Accepted);
        rig.clock.advance(25 * MINUTE);
    }
    assert_eq!(rig.authorizations().len(), 2);
}

#[tokio::test]
async fn an_expired_provider_token_is_renewed_on_a_new_connection() {
    let rig = Rig::start().await;
    rig.push(&rig.outbound(PushService::Apns)).await;
    rig.clock.advance(30 * MINUTE);
    let expired = Rule::new(RuleTarget::Apns, Effect::apns(403, "ExpiredProviderToken")).times(1);
    assert_eq!(rig.push_under(PushService::Apns, expired).await, AttemptOutcome::Accepted);
    assert_eq!((rig.authorizations().len(), rig.connections()), (2, 2));
}

#[tokio::test]
async fn a_refused_provider_token_is_shown_once_more_on_a_new_connection() {
    let rig = Rig::start().await;
    rig.push(&rig.outbound(PushService::Apns)).await;
    let refused = Rule::new(RuleTarget::Apns, Effect::apns(403, "InvalidProviderToken")).times(1);
    assert_eq!(rig.push_under(PushService::Apns, refused).await, AttemptOutcome::Accepted);
    assert_eq!((rig.authorizations().len(), rig.connections()), (1, 2));
}

#[tokio::test]
async fn a_revoked_apns_key_holds_the_app_without_a_storm() {
    let rig = Rig::start().await;
    let outbound = rig.outbound(PushService::Apns);
    rig.push(&outbound).await;
    assert_eq!(rig.standing(PushService::Apns), CredentialStanding::Usable);
    let team = rig.simulator.apns_team().clone();
    rig.simulator.revoke_key(&team.key_id);
    rig.simulator.script(Rule::new(RuleTarget::Apns, Effect::apns(403, "InvalidProviderToken")));
    rig.simulator.clear_records();

    let outcomes = join_all((0..100).map(|_| rig.push(&outbound))).await;

    let refused = Reason::theirs("InvalidProviderToken");
    assert!(outcomes.iter().all(|outcome| match outcome {
        AttemptOutcome::AppHeld { reason } | AttemptOutcome::NotAttempted { reason, .. } =>
            *reason == refused,
        _ => false,
    }));
    assert!(rig.connections() <= 3, "{} connections", rig.connections());
    let reason = Reason::theirs("InvalidProviderToken");
    assert_eq!(rig.standing(PushService::Apns), CredentialStanding::Held { reason, since: START });
}

#[tokio::test]
async fn an_app_goes_on_when_its_key_is_mended() {
    let rig = Rig::start().await;
    let forbidden = Rule::new(RuleTarget::Apns, Effect::apns(403, "Forbidden"));
    assert_eq!(rig.push_under(PushService::Apns, forbidden).await, held("Forbidden"));
    rig.simulator.clear_script();
    rig.clock.advance(MINUTE);
    assert_eq!(rig.push(&rig.outbound(PushService::Apns)).await, AttemptOutcome::Accepted);
    assert_eq!(rig.standing(PushService::Apns), CredentialStanding::Usable);
}

#[tokio::test]
async fn a_revoked_access_token_is_replaced_once_for_all_who_used_it() {
    let rig = Rig::start().await;
    let outbound = rig.outbound(PushService::Fcm);
    rig.push(&outbound).await;
    rig.simulator.revoke_access_tokens();
    let outcomes = join_all((0..50).map(|_| rig.push(&outbound))).await;
    assert_eq!(outcomes, vec![AttemptOutcome::Accepted; 50]);
    assert_eq!(rig.token_exchanges(), 2);
}

#[tokio::test]
async fn an_access_token_ends_with_its_time() {
    let rig = Rig::start().await;
    rig.push(&rig.outbound(PushService::Fcm)).await;
    rig.clock.advance(59 * MINUTE);
    rig.push(&rig.outbound(PushService::Fcm)).await;
    assert_eq!(rig.token_exchanges(), 1);
    rig.clock.advance(MINUTE);
    assert_eq!(rig.push(&rig.outbound(PushService::Fcm)).await, AttemptOutcome::Accepted);
    assert_eq!(rig.token_exchanges(), 2);
}

#[tokio::test]
async fn a_refused_service_account_holds_the_app_and_is_asked_once() {
    let rig = Rig::start().await;
    let refusal = Effect::answer(400, r#"{"error":"invalid_grant"}"#);
    rig.simulator.script(Rule::new(RuleTarget::TokenEndpoint, refusal));
    let outbound = rig.outbound(PushService::Fcm);
    let outcomes: HashSet<_> =
        join_all((0..50).map(|_| rig.push(&outbound))).await.iter().map(|o| format!("{o:?}")).collect();
    assert_eq!(outcomes, HashSet::from([format!("{:?}", held("invalid_grant"))]));
    assert_eq!(rig.token_exchanges(), 1);
    let reason = Reason::theirs("invalid_grant");
    let since = rig.clock.now();
    assert_eq!(rig.standing(PushService::Fcm), CredentialStanding::Held { reason, since });
}

#[tokio::test]
async fn a_token_endpoint_that_fails_is_left_alone_for_a_while() {
    let rig = Rig::start().await;
    rig.simulator.script(Rule::new(RuleTarget::TokenEndpoint, Effect::answer(503, "<html>")));
    for _ in 0..3 {
        let outcome = rig.push(&rig.outbound(PushService::Fcm)).await;
        let AttemptOutcome::TryLater { reason, after: Some(_) } = outcome else { panic!("{outcome:?}") };
        assert_eq!(reason.as_str(), "oauth_http_503");
    }
    assert_eq!(rig.token_exchanges(), 1);
    let [_, at_google] = rig.services.token_figures();
    assert_eq!((at_google.had, at_google.failed), (0, 1));
}

#[tokio::test]
async fn a_401_that_stays_is_about_us() {
    let rig = Rig::start().await;
    let rule = Rule::new(RuleTarget::Fcm, Effect::fcm(FcmFailure::Unauthenticated));
    assert_eq!(rig.push_under(PushService::Fcm, rule).await, held("UNAUTHENTICATED"));
    assert_eq!(rig.token_exchanges(), 2);
}

#[tokio::test]
async fn a_topic_that_is_younger_than_the_connection_is_tried_on_a_new_one() {
    let rig = Rig::start().await;
    rig.push(&rig.outbound(PushService::Apns)).await;
    let disallowed = Rule::new(RuleTarget::Apns, Effect::apns(400, "TopicDisallowed"));
    assert_eq!(
        rig.push_under(PushService::Apns, disallowed.clone().times(1)).await,
        AttemptOutcome::Accepted
    );
    assert_eq!(rig.connections(), 2);
    assert_eq!(rig.push_under(PushService::Apns, disallowed).await, held("TopicDisallowed"));
    assert_eq!(rig.connections(), 2);
}
