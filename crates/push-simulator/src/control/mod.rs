//! The control API: what [`crate::Simulator`] does in process, over plain HTTP/1.1 and JSON.
//!
//! Owns its connections; the routes are `routes`'. It has no authentication: keep it on loopback.

mod requests;
mod routes;

use std::convert::Infallible;
use std::sync::Arc;

use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::simulator::Core;
use crate::wire::listener::Listener;

/// Serves the control API, for ever; dropping the future closes all its connections.
pub(crate) async fn serve(listener: Listener, core: Arc<Core>) {
    let mut connections = JoinSet::new();
    loop {
        if let Some(stream) = listener.accept(&mut connections).await {
            connections.spawn(connect(Arc::clone(&core), stream));
        }
    }
}

async fn connect(core: Arc<Core>, stream: TcpStream) {
    let service = service_fn(|request| async { Ok::<_, Infallible>(routes::answer(&core, request).await) });
    // An error is a client that left.
    let _left = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
