//! What is open towards a push service, for the metrics.

use super::http2::Pool;
use crate::model::PushService;

/// Open connections to one push service, all apps together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolFigures {
    /// The push service.
    pub push_service: PushService,
    /// Connections that take requests.
    pub connections: usize,
    /// Requests on them that wait for their answers.
    pub streams: usize,
}

impl PoolFigures {
    /// The sum over `pools`.
    pub(super) fn of<'a>(push_service: PushService, pools: impl Iterator<Item = &'a Pool>) -> Self {
        let (connections, streams) = pools
            .map(Pool::in_use)
            .fold((0, 0), |(connections, streams), pool| (connections + pool.0, streams + pool.1));
        Self { push_service, connections, streams }
    }
}
