//! The figures by which connections are kept.

use std::time::Duration;

/// How the connections of one pool are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::push_services) struct Rules {
    /// The most connections at once.
    pub(in crate::push_services) max_connections: usize,
    /// The most streams on one connection, where the peer would allow more.
    pub(in crate::push_services) max_streams: usize,
    /// With streams open, silence for so long is answered by a ping: a peer behind a dead path would
    /// otherwise be waited for for ever.
    pub(in crate::push_services) busy_ping: Duration,
    /// Without streams, a ping comes after so much silence.
    pub(in crate::push_services) idle_ping: Duration,
    /// A connection that was silent for longer is pinged before it is used.
    pub(in crate::push_services) doubt: Duration,
    /// A ping that is not answered within this ends the connection.
    pub(in crate::push_services) ping_limit: Duration,
    /// A connection that nobody used for so long is closed.
    pub(in crate::push_services) idle_limit: Duration,
}

impl Default for Rules {
    /// Those of FCM; nothing in them is more than any HTTP/2 server bears.
    fn default() -> Self {
        Self {
            max_connections: 4,
            max_streams: 500,
            busy_ping: Duration::from_secs(30),
            idle_ping: Duration::from_mins(1),
            doubt: Duration::from_mins(1),
            ping_limit: Duration::from_secs(10),
            idle_limit: Duration::from_hours(6),
        }
    }
}
