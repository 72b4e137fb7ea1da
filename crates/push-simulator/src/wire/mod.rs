//! Sockets, TLS, HTTP/1.1 and HTTP/2.
//!
//! Owns connections and everything that happens to them rather than to a request: stream limits, GOAWAY,
//! breaking. Knows no push service's rules. Read next: `listener`, `http2`.

mod frame_gate;
mod frames;
mod http1;
mod http2;
pub(crate) mod listener;
