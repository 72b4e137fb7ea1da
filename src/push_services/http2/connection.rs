//! One connection, as those who send on it see it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use h2::client::SendRequest;
use http::Request;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::gauge::{Duty, Gauge, Taking};
use super::goodbye;
use super::{Answer, Failure, Rules};
use crate::model::Reason;

/// One open connection.
pub(super) struct Connection {
    /// `None` once goodbye was said.
    sender: Mutex<Option<SendRequest<Bytes>>>,
    gauge: Mutex<Gauge>,
    /// Wakes the driver: something became due sooner than it knew.
    wake: Notify,
}

impl Connection {
    /// A connection that was opened just now.
    pub(super) fn opened(sender: SendRequest<Bytes>) -> Self {
        Self {
            sender: Mutex::new(Some(sender)),
            gauge: Mutex::new(Gauge::opened(Instant::now())),
            wake: Notify::new(),
        }
    }

    /// Counts one more stream, where that is allowed.
    pub(super) fn take(&self, rules: &Rules) -> Taking {
        let peer_limit = self.peer_limit();
        let (taking, is_first) = {
            let mut gauge = self.gauge();
            if peer_limit.is_none() {
                gauge.retire();
            }
            let peer_limit = peer_limit.unwrap_or(0);
            let taking = gauge.take(Instant::now(), peer_limit, rules);
            (taking, gauge.in_flight() == 1)
        };
        if taking == Taking::Doubted || (taking == Taking::Taken && is_first) {
            self.wake.notify_one();
        }
        taking
    }

    /// The peer's `SETTINGS_MAX_CONCURRENT_STREAMS`; `None` where it takes no more streams, because it said
    /// GOAWAY or is gone.
    fn peer_limit(&self) -> Option<usize> {
        let mut sender = self.lock_sender();
        let sender = sender.as_mut()?;
        let ready = sender.poll_ready(&mut Context::from_waker(Waker::noop()));
        if matches!(ready, Poll::Ready(Err(_))) { None } else { Some(sender.current_max_send_streams()) }
    }

    /// Counts one stream less.
    pub(super) fn release(&self) {
        let mut gauge = self.gauge();
        gauge.release(Instant::now());
        if gauge.is_retired() {
            self.wake.notify_one();
        }
    }

    /// Takes no more requests.
    pub(super) fn retire(&self) {
        self.gauge().retire();
        self.wake.notify_one();
    }

    /// Sends `request` with `body` and waits for the answer until `deadline`. The caller holds a stream's
    /// place.
    pub(super) async fn exchange(
        &self,
        request: Request<()>,
        body: Bytes,
        deadline: Instant,
    ) -> Result<Answer, Failure> {
        let sent_at = Instant::now();
        if let Ok(result) = tokio::time::timeout_at(deadline, self.exchange_unlimited(request, body)).await {
            return result;
        }
        self.gauge().suspect(sent_at);
        self.wake.notify_one();
        Err(Failure::Silence(Reason::ours("answer_timed_out")))
    }

    async fn exchange_unlimited(&self, request: Request<()>, body: Bytes) -> Result<Answer, Failure> {
        let sender = self.lock_sender().clone().ok_or_else(Failure::unsent)?;
        // Both of these fail before a byte is queued: the connection has ended or is going away.
        let mut sender = sender.ready().await.map_err(|_| self.ended())?;
        let (response, mut stream) = sender.send_request(request, false).map_err(|_| self.ended())?;
        // Fails only where the stream has ended meanwhile, and then the response says how.
        let _ = stream.send_data(body, true);
        let response = response.await.map_err(|error| {
            if error.is_go_away() {
                self.retire();
            }
            Failure::of_stream(&error)
        })?;
        self.gauge().answered(Instant::now());
        Ok(Answer::read(response).await)
    }

    fn ended(&self) -> Failure {
        self.retire();
        Failure::unsent()
    }

    /// What the driver does next.
    pub(super) fn duty(&self, rules: &Rules) -> Duty {
        self.gauge().duty(Instant::now(), rules)
    }

    /// Returns when something may have become due.
    pub(super) async fn woken(&self) {
        self.wake.notified().await;
    }

    /// Why the peer said goodbye, where it did and says why.
    pub(super) fn goodbye(&self) -> Option<Reason> {
        let mut sender = self.lock_sender();
        match sender.as_mut()?.poll_ready(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Err(error)) => goodbye::reason_of(&error),
            Poll::Ready(Ok(())) | Poll::Pending => None,
        }
    }

    /// Lets go of the sending side: h2 then says goodbye to the peer.
    pub(super) fn hang_up(&self) {
        self.gauge().retire();
        self.lock_sender().take();
    }

    /// What is known of it.
    pub(super) fn gauge(&self) -> MutexGuard<'_, Gauge> {
        self.gauge.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_sender(&self) -> MutexGuard<'_, Option<SendRequest<Bytes>>> {
        self.sender.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
