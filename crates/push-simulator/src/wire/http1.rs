//! One HTTP/1.1 connection to Google's hosts.
//!
//! Owns how an [`Ending`] looks where there are no frames. Read next: `crate::exchange`.

use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::exchange::{self, Ending};
use crate::host::Host;
use crate::peer::Peer;
use crate::wire::http2::MAX_BODY;
use crate::world::World;

/// Serves a connection until either side ends it.
pub(crate) async fn serve<IO>(world: &Arc<World>, host: Host, io: IO)
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    let peer = Peer::new(world.next_connection());
    let mut farewells = world.farewells.subscribe();
    let service = service_fn(|request| answer(world, host, &peer, request));
    let mut connection = pin!(
        hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(io), service)
    );
    loop {
        tokio::select! {
            // An error is a client that left, or a break that the script asked for.
            _ended = connection.as_mut() => return,
            Ok(_) = farewells.recv() => connection.as_mut().graceful_shutdown(),
        }
    }
}

async fn answer(
    world: &World,
    host: Host,
    peer: &Peer,
    request: Request<Incoming>,
) -> io::Result<Response<Full<Bytes>>> {
    let broken = || io::Error::from(io::ErrorKind::ConnectionAborted);
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, MAX_BODY).collect().await.map_err(|_| broken())?.to_bytes();
    match exchange::run(world, host, peer, &Request::from_parts(parts, body)).await {
        Ending::Answer(response) => Ok(response.map(Full::new)),
        Ending::Silence => match pending::<Infallible>().await {},
        Ending::Break | Ending::Refuse | Ending::GoAway { answer: None, .. } => Err(broken()),
        Ending::GoAway { answer: Some(mut response), .. } => {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            Ok(response.map(Full::new))
        }
    }
}
