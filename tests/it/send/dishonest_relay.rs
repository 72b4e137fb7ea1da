//! Keys never come from the relay: whatever it answers, an envelope is sealed to the key file's key.

use serde_json::{Value, json};

use super::fake_relay::{FakeRelay, all_accepted};
use super::program::{MadeDevice, Program, credential};

const CONTENT: &str = r#"{"title":"Anna","body":"See you at eight?"}"#;

/// A sender with one device, and a device that the relay would rather have it seal to.
struct Scene {
    program: Program,
    phone: MadeDevice,
    spy: MadeDevice,
    identity: String,
}

impl Scene {
    fn new() -> Self {
        let program = Program::new();
        let (identity, public) = program.identity();
        let (phone, spy) = (program.device("phone", &public), program.device("spy", &public));
        Self { program, phone, spy, identity }
    }

    /// Sends to the phone by way of `relay`.
    async fn send(&self, relay: &FakeRelay) -> super::Answer {
        let devices = json!([self.phone.entry()]);
        self.program.server(&relay.url, &credential(), &self.identity, &devices);
        self.program.beside(&["send", "--keys", "server.json", "--retry-for", "5"], CONTENT).await
    }

    /// What stands in an envelope, opened with the keys of `device`.
    fn opened(&self, device: &MadeDevice, envelope: &str) -> Option<Value> {
        let file = format!("{}.json", device.name);
        let answer = self.program.run(&["open", "--keys", &file, "--json"], envelope);
        (answer.code == 0).then(|| serde_json::from_str::<Value>(&answer.out).unwrap()["content"].clone())
    }
}

/// `document` with another key in every place.
fn with_swapped_keys(mut document: Value, spy: &MadeDevice) -> Value {
    let names = ["subscription_key", "key", "new_key", "public_key", "identity_key"];
    let swap = |value: &mut Value| {
        for name in names {
            value[name] = Value::from(spy.subscription_key.as_str());
        }
        value["keys"] = json!([spy.entry()]);
        value["devices"] = json!([spy.entry()]);
    };
    for target in document["targets"].as_array_mut().into_iter().flatten() {
        swap(target);
    }
    swap(&mut document);
    document
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_answers_with_another_key_is_not_believed() {
    let scene = Scene::new();
    let spy = scene.spy.clone();
    let relay = FakeRelay::start(move |number, request| match number {
        0 => {
            let problem = json!({"code": "key_rotated", "detail": "The device has a new key. Seal to it."});
            (503, Some(0), with_swapped_keys(problem, &spy))
        }
        1 => (429, Some(0), with_swapped_keys(all_accepted(request), &spy)),
        _ => (200, None, with_swapped_keys(all_accepted(request), &spy)),
    })
    .await;
    let answer = scene.send(&relay).await;
    let again = scene.send(&relay).await;
    assert_eq!((answer.code, again.code), (0, 0), "{answer:?} {again:?}");
    let asked = relay.asked();
    assert_eq!(asked.len(), 4);
    assert_eq!(asked[0].body, asked[1].body, "a repetition is the same, byte for byte");
    assert_eq!(asked[0].body, asked[2].body);
    for one in &asked {
        assert_eq!(one.what, "POST /v1/notifications", "nothing else is ever asked, least of all a key");
        let target = one.json()["targets"][0].clone();
        assert_eq!(target["subscription"], scene.phone.subscription.as_str());
        let envelope = target["envelope"].as_str().unwrap();
        assert_eq!(scene.opened(&scene.phone, envelope), serde_json::from_str(CONTENT).unwrap());
        assert_eq!(scene.opened(&scene.spy, envelope), None);
    }
    let keys = std::fs::read_to_string(scene.program.path("server.json")).unwrap();
    assert!(!keys.contains(&scene.spy.subscription_key));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_about_something_else_is_refused_loudly() {
    type Lie = fn(&mut Value);
    let lies: [(&str, Lie); 6] = [
        ("which is no target", |answer| {
            answer["targets"][0]["subscription"] = "00000000-0000-4000-8000-000000000000".into();
        }),
        ("which is no target", |answer| {
            let other =
                json!({"subscription": "00000000-0000-4000-8000-000000000000", "outcome": "accepted"});
            answer["targets"].as_array_mut().unwrap().push(other);
        }),
        ("twice", |answer| {
            let same = answer["targets"][0].clone();
            answer["targets"].as_array_mut().unwrap().push(same);
        }),
        ("says nothing of", |answer| answer["targets"] = json!([])),
        ("instead of", |answer| answer["id"] = "01890000-0000-7000-8000-000000000000".into()),
        ("went out as clear", |answer| answer["targets"][0]["form"] = "clear".into()),
    ];
    let scene = Scene::new();
    for (says, lie) in lies {
        let relay = FakeRelay::start(move |_, request| {
            let mut answer = all_accepted(request);
            lie(&mut answer);
            (200, None, answer)
        })
        .await;
        let answer = scene.send(&relay).await;
        assert_eq!(answer.code, 1, "{says}: {answer:?}");
        assert!(
            answer.err.contains(says) && answer.err.contains("Nothing of this answer is believed"),
            "{answer:?}"
        );
        assert!(answer.out.contains("0 of 1 accepted"), "{answer:?}");
        assert_eq!(relay.asked().len(), 1, "a lie is not asked for again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_relay_writes_does_not_steer_the_terminal() {
    let scene = Scene::new();
    let relay = FakeRelay::start(|_, _| {
        (
            403,
            None,
            json!({"code": "x\u{1b}[2J", "detail": "\u{1b}]0;owned\u{7}You are owned\r\nerror: fine"}),
        )
    })
    .await;
    let answer = scene.send(&relay).await;
    assert_eq!(answer.code, 1);
    assert!(answer.err.contains("You are owned") && answer.err.contains("403"), "{answer:?}");
    assert!(!answer.err.contains(['\u{1b}', '\u{7}', '\r']), "{answer:?}");
}
