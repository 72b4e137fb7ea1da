//! What every answer has, on every listener and in every case.

use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::json;
use tokio::net::TcpStream;

use super::{address, bytes_back, raw};
use crate::support::World;

fn assert_mannerly(headers: &HeaderMap) {
    assert_eq!(headers["cache-control"], "no-store");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(headers["referrer-policy"], "no-referrer");
    assert_eq!(headers["content-security-policy"], "default-src 'none'; frame-ancestors 'none'");
    assert_eq!(headers["request-id"].len(), 36);
    assert!(!headers.contains_key("strict-transport-security"), "this came over plain HTTP");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_a_number_and_headers_that_keep_browsers_out() {
    let world = World::start().await;
    for (client, path) in [
        (&world.relay, "/v1/relay"),
        (&world.relay, "/nothing"),
        (&world.relay, "/v1/notifications"),
        (&world.operator, "/metrics"),
        (&world.operator, "/nothing"),
        (&world.admin, "/admin/senders"),
        (&world.admin, "/admin/senders?more=1"),
    ] {
        assert_mannerly(&client.get(path, None).await.headers);
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn head_and_options_are_answered_as_http_says() {
    let world = World::start().await;
    for (path, status) in [("/v1/relay", 200), ("/nothing", 404), ("/v1/notifications", 405)] {
        let head = raw(&world, "HEAD", path, None, ("", "")).await;
        assert_eq!((head.status.as_u16(), head.text.as_str()), (status, ""), "{path}");
        assert_mannerly(&head.headers);
    }
    let options = raw(&world, "OPTIONS", "/v1/notifications", None, ("", "")).await;
    assert_eq!((options.status.as_u16(), options.code().as_str()), (405, "method_not_allowed"));
    assert_eq!(options.headers["allow"], "POST");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_no_json_is_told_that_there_is_nothing_else() {
    let world = World::start().await;
    let ask = async |path: &str, accept: &str| {
        let request = Request::get(path).header("host", "relay.test").header("accept", accept);
        world.relay.send(request.body(Full::default()).unwrap()).await
    };
    let refused = ask("/v1/relay", "text/html").await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (406, "not_acceptable"));
    assert_eq!(ask("/v1/relay", "text/html, */*;q=0.8").await.status, 200);
    // The pages for people are not JSON.
    assert_ne!(ask("/docs", "text/html").await.status, 406);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_is_too_large_is_refused_in_both_versions() {
    let world = World::start().await;
    let long = "x".repeat(3_000);
    let asked = format!("GET /{long} HTTP/1.1\r\nhost: relay.test\r\nconnection: close\r\n\r\n");
    let uri = bytes_back(&world, &asked).await;
    assert!(uri.starts_with("HTTP/1.1 414") && uri.contains("uri_too_long"), "{uri}");
    let many = "x-many: x\r\n".repeat(70);
    let many =
        bytes_back(&world, &format!("GET / HTTP/1.1\r\nhost: relay.test\r\nconnection: close\r\n{many}\r\n"))
            .await;
    assert!(many.starts_with("HTTP/1.1 431") && many.contains("headers_too_large"), "{many}");

    let stream = TokioIo::new(TcpStream::connect(address(&world)).await.unwrap());
    let (mut requests, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    let request = Request::get(format!("https://localhost/{long}")).body(Full::<bytes::Bytes>::default());
    let ask = async move {
        let answer = requests.send_request(request.unwrap()).await.unwrap();
        (answer.status().as_u16(), answer.into_body().collect().await.unwrap().to_bytes())
    };
    let (status, body) = tokio::select! { answer = ask => answer, _ = connection => panic!("it ended") };
    assert_eq!((status, body.windows(12).any(|part| part == b"uri_too_long")), (414, true));
    world.end().await;
}

/// These the HTTP library answers by itself, without a body: docs/API.md says so.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_http_is_refused_and_the_relay_goes_on() {
    let world = World::start().await;
    let head = format!("GET / HTTP/1.1\r\nhost: relay.test\r\nx-large: {}\r\n\r\n", "x".repeat(70_000));
    for (sent, answer) in [
        ("NOT HTTP AT ALL\r\n\r\n", "HTTP/1.1 400"),
        ("GET / HTTP/1.1\r\nhost relay\r\n\r\n", "HTTP/1.1 400"),
        ("POST / HTTP/1.1\r\nhost: relay.test\r\ncontent-length: x\r\n\r\n", "HTTP/1.1 400"),
        (head.as_str(), "HTTP/1.1 431"),
    ] {
        let came = bytes_back(&world, sent).await;
        assert!(came.starts_with(answer), "{:?} for {:?}", came, &sent[..20.min(sent.len())]);
        assert!(!came.contains("relay.test"), "nothing of the request comes back: {came}");
    }
    assert_eq!(world.relay.get("/healthz", None).await.json(), json!({"status": "ok"}));
    world.end().await;
}
