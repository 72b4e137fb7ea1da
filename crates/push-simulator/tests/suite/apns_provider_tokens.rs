//! Provider tokens, and what a connection makes of them.

use push_simulator::{ApnsKeyScope, Environment};
use serde_json::json;

use crate::support::signing::{es256, provider_token};
use crate::support::stage::{START, Stage, TOPIC, refused, success};

#[tokio::test]
async fn a_request_without_a_provider_token_is_refused() {
    let stage = Stage::production().await;

    let absent = stage.push().without("authorization");
    let empty = stage.push().with("authorization", "bearer ");

    // Trailing space does not survive HTTP, so an empty token is no token at all.
    assert_eq!(stage.refusal(&absent).await, refused(403, "MissingProviderToken"));
    assert_eq!(stage.refusal(&empty).await.0, 403);
}

#[tokio::test]
async fn a_provider_token_that_is_not_one_is_invalid() {
    let stage = Stage::production().await;
    let good = stage.provider_token();
    let padded = format!("{good}==");
    for value in ["basic abc", "bearer abc", "bearer a.b.c", "nonsense", &format!("bearer {padded}")] {
        let answer = stage.refusal(&stage.push().with("authorization", value)).await;
        assert_eq!(answer, refused(403, "InvalidProviderToken"), "{value}");
    }
}

#[tokio::test]
async fn every_part_of_a_provider_token_is_checked() {
    let stage = Stage::production().await;
    let team = stage.simulator.apns_team();
    let stranger = stage.simulator.add_team().unwrap();
    let header = json!({"alg": "ES256", "kid": team.key_id});
    let claims = json!({"iss": team.team_id, "iat": START});
    for token in [
        es256(team, &json!({"alg": "ES384", "kid": team.key_id}), &claims),
        es256(team, &json!({"alg": "ES256"}), &claims),
        es256(team, &json!({"alg": "ES256", "kid": "AAAAAAAAAA"}), &claims),
        es256(team, &header, &json!({"iat": START})),
        es256(team, &header, &json!({"iss": stranger.team_id, "iat": START})),
        es256(team, &header, &json!({"iss": team.team_id})),
        es256(team, &header, &json!({"iss": team.team_id, "iat": "now"})),
        es256(&stranger, &header, &claims),
    ] {
        let answer = stage.refusal(&stage.push().with("authorization", &format!("bearer {token}"))).await;
        assert_eq!(answer, refused(403, "InvalidProviderToken"));
    }
}

#[tokio::test]
async fn a_provider_token_is_good_for_an_hour_either_way() {
    let mut stage = Stage::production().await;
    for (issued_at, expected) in [
        (START - 3600, success()),
        (START + 3600, success()),
        (START - 3601, refused(403, "ExpiredProviderToken")),
        (START + 3601, refused(403, "ExpiredProviderToken")),
    ] {
        stage.reconnect(Environment::Production).await;
        let token = provider_token(stage.simulator.apns_team(), issued_at);
        let push = stage.push().with("authorization", &format!("bearer {token}"));
        assert_eq!(stage.refusal(&push).await, expected, "{issued_at}");
    }
}

#[tokio::test]
async fn a_token_that_grows_old_on_a_connection_expires_and_spoils_it() {
    let mut stage = Stage::production().await;
    let push = stage.push();
    assert_eq!(stage.refusal(&push).await, success());
    stage.pass(3601);

    assert_eq!(stage.refusal(&push).await, refused(403, "ExpiredProviderToken"));
    assert_eq!(stage.refusal(&stage.push()).await, refused(403, "ExpiredProviderToken"));
    stage.reconnect(Environment::Production).await;
    assert_eq!(stage.refusal(&stage.push()).await, success());
}

#[tokio::test]
async fn provider_tokens_may_change_every_20_minutes() {
    let stage = Stage::production().await;
    let first = stage.push();
    assert_eq!(stage.refusal(&first).await, success());

    stage.pass(1199);
    assert_eq!(stage.refusal(&stage.push()).await, refused(429, "TooManyProviderTokenUpdates"));
    assert_eq!(stage.refusal(&first).await, success());
    stage.pass(1);
    assert_eq!(stage.refusal(&stage.push()).await, success());
}

#[tokio::test]
async fn the_first_push_binds_a_connection_to_its_team() {
    let mut stage = Stage::production().await;
    let stranger = stage.simulator.add_team().unwrap();
    stage.simulator.add_topic(&stranger.team_id, TOPIC);
    let theirs = format!("bearer {}", provider_token(&stranger, START));
    assert_eq!(stage.refusal(&stage.push()).await, success());

    let theirs = stage.push().with("authorization", &theirs);
    assert_eq!(stage.refusal(&theirs).await, refused(403, "InvalidProviderToken"));
    stage.reconnect(Environment::Production).await;
    assert_eq!(stage.refusal(&theirs).await, success());
}

#[tokio::test]
async fn a_bundle_id_made_after_the_first_push_needs_a_new_connection() {
    let mut stage = Stage::production().await;
    assert_eq!(stage.refusal(&stage.push()).await, success());
    let token = stage.simulator.apns_device("com.example.new", Environment::Production);
    let push = stage.push().path(&format!("/3/device/{token}")).with("apns-topic", "com.example.new");

    assert_eq!(stage.refusal(&push).await, refused(400, "TopicDisallowed"));
    stage.reconnect(Environment::Production).await;
    assert_eq!(stage.refusal(&push).await, success());
}

#[tokio::test]
async fn a_key_of_the_other_environment_is_refused() {
    let stage = Stage::production().await;
    let scope = ApnsKeyScope { environment: Some(Environment::Sandbox), topics: None };
    let key = stage.simulator.add_key(&stage.simulator.apns_team().team_id, scope).unwrap();
    let push = stage.push().with("authorization", &format!("bearer {}", provider_token(&key, START)));

    assert_eq!(stage.refusal(&push).await, refused(403, "BadEnvironmentKeyInToken"));
}

#[tokio::test]
async fn a_topic_specific_key_is_good_for_its_topics_and_a_family_of_its_own() {
    let stage = Stage::production().await;
    let other = stage.simulator.apns_device("com.example.other", Environment::Production);
    let scope = ApnsKeyScope { environment: None, topics: Some(vec![TOPIC.to_owned()]) };
    let key = stage.simulator.add_key(&stage.simulator.apns_team().team_id, scope).unwrap();
    let push = stage.push().with("authorization", &format!("bearer {}", provider_token(&key, START)));
    let to_other = push.clone().path(&format!("/3/device/{other}")).with("apns-topic", "com.example.other");

    assert_eq!(stage.refusal(&to_other).await, refused(400, "TopicDisallowed"));
    assert_eq!(stage.refusal(&push).await, success());
    assert_eq!(stage.refusal(&stage.push()).await, refused(403, "UnrelatedKeyIdInToken"));
}

#[tokio::test]
async fn a_revoked_key_is_unknown() {
    let stage = Stage::production().await;
    stage.simulator.revoke_key(&stage.simulator.apns_team().key_id);
    assert_eq!(stage.refusal(&stage.push()).await, refused(403, "InvalidProviderToken"));
}
