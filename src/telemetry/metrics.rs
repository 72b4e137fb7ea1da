//! The figures of one relay. A value, not a global: several relays live in one test process.

use std::sync::atomic::Ordering;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Metric, Registry};

use super::labels::{
    AttemptLabels, ByForm, ByLimit, ByOutcome, ByPushService, ByRoute, ByVersion, CredentialLabels,
    OutcomeLabels, RouteStatus, TokenLabels,
};
use super::metric_list::{METRICS, MetricDescription};
use super::{AttemptClass, Route};
use crate::model::{AppId, Environment, Form, Outcome, PushService, RateLimit};

/// From half a millisecond to half a minute: memory answers, databases, push services, their deadlines.
const SECONDS: [f64; 15] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// How busy the way to one push service is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PushServiceLoad {
    /// Open connections.
    pub connections: u64,
    /// Requests under way.
    pub streams: u64,
    /// Credentials that the push service refuses.
    pub credentials_held: u64,
}

/// The registry, with the descriptions that its next metrics take, in the order of the list.
struct Listed<'a> {
    registry: &'a mut Registry,
    descriptions: std::slice::Iter<'static, MetricDescription>,
}

impl Listed<'_> {
    fn add(&mut self, metric: impl Metric) {
        let MetricDescription { name, help, .. } =
            self.descriptions.next().expect("the list has an entry for every metric");
        // OpenMetrics, "Counter": the registry adds `_total` itself.
        let name = name.trim_start_matches("sealpush_").trim_end_matches("_total");
        self.registry.register(name, *help, metric);
    }
}

type Histograms<L> = Family<L, Histogram, fn() -> Histogram>;

/// The figures of one relay.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<RouteStatus, Counter>,
    request_seconds: Histograms<ByRoute>,
    targets: Family<ByForm, Counter>,
    attempts: Family<AttemptLabels, Counter>,
    push_seconds: Histograms<ByPushService>,
    outcomes: Family<OutcomeLabels, Counter>,
    ended_without_attempt: Family<ByOutcome, Counter>,
    repeated: Family<ByPushService, Counter>,
    admission_seconds: Histogram,
    queue_seconds: Histogram,
    delivery_seconds: Histograms<ByPushService>,
    connections: Gauge,
    connections_refused: Counter,
    bytes_in_flight: Gauge,
    outbox_pending: Gauge,
    outbox_bytes: Gauge,
    outbox_oldest_seconds: Gauge,
    queue_depth: Gauge,
    push_connections: Family<ByPushService, Gauge>,
    push_streams: Family<ByPushService, Gauge>,
    credentials_held: Family<ByPushService, Gauge>,
    credential_state: Family<CredentialLabels, Gauge>,
    token_refreshes: Family<TokenLabels, Counter>,
    registrations: Gauge,
    subscriptions: Gauge,
    certificate_ends: Gauge,
    certificate_problems: Gauge,
    store_errors: Counter,
    rate_limited: Family<ByLimit, Counter>,
    rate_limit_keys: Family<ByLimit, Gauge>,
}

fn seconds() -> Histogram {
    Histogram::new(SECONDS)
}

/// The same, and on to the days that a delivery may wait in the outbox.
fn long_seconds() -> Histogram {
    const LONG: [f64; 4] = [60.0, 300.0, 3_600.0, 86_400.0];
    Histogram::new(SECONDS.into_iter().chain(LONG))
}

fn gauge(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All figures at zero.
    #[must_use]
    pub fn new() -> Self {
        let metrics = Self {
            registry: Registry::with_prefix("sealpush"),
            requests: Family::default(),
            request_seconds: Family::new_with_constructor(seconds),
            targets: Family::default(),
            attempts: Family::default(),
            push_seconds: Family::new_with_constructor(seconds),
            outcomes: Family::default(),
            ended_without_attempt: Family::default(),
            repeated: Family::default(),
            admission_seconds: seconds(),
            queue_seconds: long_seconds(),
            delivery_seconds: Family::new_with_constructor(long_seconds),
            connections: Gauge::default(),
            connections_refused: Counter::default(),
            bytes_in_flight: Gauge::default(),
            outbox_pending: Gauge::default(),
            outbox_bytes: Gauge::default(),
            outbox_oldest_seconds: Gauge::default(),
            queue_depth: Gauge::default(),
            push_connections: Family::default(),
            push_streams: Family::default(),
            credentials_held: Family::default(),
            credential_state: Family::default(),
            token_refreshes: Family::default(),
            registrations: Gauge::default(),
            subscriptions: Gauge::default(),
            certificate_ends: Gauge::default(),
            certificate_problems: Gauge::default(),
            store_errors: Counter::default(),
            rate_limited: Family::default(),
            rate_limit_keys: Family::default(),
        };
        metrics.registered()
    }

    fn registered(mut self) -> Self {
        let build_info = Family::<ByVersion, Gauge>::default();
        build_info.get_or_create(&ByVersion { version: env!("CARGO_PKG_VERSION") }).set(1);
        let mut listed = Listed { registry: &mut self.registry, descriptions: METRICS.iter() };
        listed.add(self.requests.clone());
        listed.add(self.request_seconds.clone());
        listed.add(self.targets.clone());
        listed.add(self.attempts.clone());
        listed.add(self.push_seconds.clone());
        listed.add(self.outcomes.clone());
        listed.add(self.ended_without_attempt.clone());
        listed.add(self.repeated.clone());
        listed.add(self.admission_seconds.clone());
        listed.add(self.queue_seconds.clone());
        listed.add(self.delivery_seconds.clone());
        listed.add(self.connections.clone());
        listed.add(self.connections_refused.clone());
        listed.add(self.bytes_in_flight.clone());
        listed.add(self.outbox_pending.clone());
        listed.add(self.outbox_bytes.clone());
        listed.add(self.outbox_oldest_seconds.clone());
        listed.add(self.queue_depth.clone());
        listed.add(self.push_connections.clone());
        listed.add(self.push_streams.clone());
        listed.add(self.credentials_held.clone());
        listed.add(self.credential_state.clone());
        listed.add(self.token_refreshes.clone());
        listed.add(self.registrations.clone());
        listed.add(self.subscriptions.clone());
        listed.add(self.certificate_ends.clone());
        listed.add(self.certificate_problems.clone());
        listed.add(self.store_errors.clone());
        listed.add(self.rate_limited.clone());
        listed.add(self.rate_limit_keys.clone());
        listed.add(build_info);
        self
    }

    /// Everything in the text format of `OpenMetrics` 1.0
    /// (`application/openmetrics-text; version=1.0.0; charset=utf-8`).
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }

    /// A request was answered after `seconds`.
    pub fn request(&self, route: Route, status: u16, seconds: f64) {
        let route = route.as_str();
        self.requests.get_or_create(&RouteStatus { route, status: status.into() }).inc();
        self.request_seconds.get_or_create(&ByRoute { route }).observe(seconds);
    }

    /// `count` targets were taken in with content of this form.
    pub fn targets(&self, form: Form, count: u64) {
        self.targets.get_or_create(&ByForm { form: form.as_str() }).inc_by(count);
    }

    /// An attempt came to an end after `seconds`.
    pub fn attempt(&self, push_service: PushService, class: AttemptClass, seconds: f64) {
        let push_service = push_service.as_str();
        self.attempts.get_or_create(&AttemptLabels { push_service, class: class.as_str() }).inc();
        if class == AttemptClass::NotAttempted {
            return;
        }
        self.push_seconds.get_or_create(&ByPushService { push_service }).observe(seconds);
    }

    /// A delivery ended.
    pub fn outcome(&self, push_service: PushService, outcome: &Outcome, form: Form) {
        let labels = OutcomeLabels {
            push_service: push_service.as_str(),
            outcome: outcome.as_str(),
            form: form.as_str(),
        };
        self.outcomes.get_or_create(&labels).inc();
    }

    /// So many deliveries ended like this in the outbox since the start.
    pub fn ended_without_attempt(&self, outcome: &'static str, count: u64) {
        self.ended_without_attempt
            .get_or_create(&ByOutcome { outcome })
            .inner()
            .store(count, Ordering::Relaxed);
    }

    /// A delivery is attempted again because an answer was lost.
    pub fn repeated(&self, push_service: PushService) {
        self.repeated.get_or_create(&ByPushService { push_service: push_service.as_str() }).inc();
    }

    /// A submission was admitted after `seconds`.
    pub fn admission(&self, seconds: f64) {
        self.admission_seconds.observe(seconds);
    }

    /// The first attempt of a delivery began `seconds` after its acceptance.
    pub fn queued(&self, seconds: f64) {
        self.queue_seconds.observe(seconds);
    }

    /// A delivery ended `seconds` after its acceptance.
    pub fn delivery(&self, push_service: PushService, seconds: f64) {
        let push_service = push_service.as_str();
        self.delivery_seconds.get_or_create(&ByPushService { push_service }).observe(seconds);
    }

    /// A connection was closed because its network had as many as one may.
    pub fn connection_refused(&self) {
        self.connections_refused.inc();
    }

    /// What clients hold of the relay now.
    pub fn clients(&self, connections: u64, bytes: u64) {
        self.connections.set(gauge(connections));
        self.bytes_in_flight.set(gauge(bytes));
    }

    /// How many deliveries wait in the outbox, the bytes that they take, and how long the oldest has waited.
    pub fn outbox(&self, pending: u64, bytes: u64, oldest_seconds: u64) {
        self.outbox_pending.set(gauge(pending));
        self.outbox_bytes.set(gauge(bytes));
        self.outbox_oldest_seconds.set(gauge(oldest_seconds));
    }

    /// How many leases wait in memory.
    pub fn queue_depth(&self, leases: u64) {
        self.queue_depth.set(gauge(leases));
    }

    /// How busy the way to a push service is.
    pub fn push_service_load(&self, push_service: PushService, load: PushServiceLoad) {
        let labels = ByPushService { push_service: push_service.as_str() };
        self.push_connections.get_or_create(&labels).set(gauge(load.connections));
        self.push_streams.get_or_create(&labels).set(gauge(load.streams));
        self.credentials_held.get_or_create(&labels).set(gauge(load.credentials_held));
    }

    /// When the first of our own certificates ends, and how many newer ones cannot be used.
    pub fn certificates(&self, first_end: i64, problems: u64) {
        self.certificate_ends.set(first_end);
        self.certificate_problems.set(gauge(problems));
    }

    /// That each of `credentials` is in one of `states`, which are all that there are. What was said of others
    /// before is forgotten.
    pub fn credential_states<'a>(
        &self,
        states: &[&'static str],
        credentials: impl Iterator<Item = ((&'a AppId, PushService, Option<Environment>), &'static str)>,
    ) {
        self.credential_state.clear();
        for ((app, push_service, environment), now) in credentials {
            for &state in states {
                let labels = CredentialLabels {
                    app: app.to_string(),
                    push_service: push_service.as_str(),
                    environment: environment.map_or("", Environment::as_str),
                    state,
                };
                self.credential_state.get_or_create(&labels).set((state == now).into());
            }
        }
    }

    /// How many new tokens for this push service were had, and how often none was, since the process began.
    pub fn token_refreshes(&self, push_service: PushService, had: u64, failed: u64) {
        for (result, count) in [("had", had), ("failed", failed)] {
            let labels = TokenLabels { push_service: push_service.as_str(), result };
            self.token_refreshes.get_or_create(&labels).inner().store(count, Ordering::Relaxed);
        }
    }

    /// How many registrations and subscriptions exist.
    pub fn stored(&self, registrations: u64, subscriptions: u64) {
        self.registrations.set(gauge(registrations));
        self.subscriptions.set(gauge(subscriptions));
    }

    /// Something was refused because this limit was reached.
    pub fn rate_limited(&self, limit: RateLimit) {
        self.rate_limited.get_or_create(&ByLimit { limit: limit.as_str() }).inc();
    }

    /// How many keys this limit remembers.
    pub fn rate_limit_keys(&self, limit: RateLimit, keys: u64) {
        self.rate_limit_keys.get_or_create(&ByLimit { limit: limit.as_str() }).set(gauge(keys));
    }

    /// The database failed.
    pub fn store_error(&self) {
        self.store_errors.inc();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn busy() -> Metrics {
        let metrics = Metrics::new();
        metrics.request(Route::Notifications, 200, 0.004);
        metrics.targets(Form::SealedBySender, 2);
        metrics.attempt(PushService::Apns, AttemptClass::Accepted, 0.05);
        metrics.outcome(PushService::Apns, &Outcome::Accepted, Form::SealedBySender);
        metrics.ended_without_attempt("withdrawn", 2);
        metrics.repeated(PushService::Fcm);
        metrics.admission(0.001);
        metrics.queued(0.002);
        metrics.delivery(PushService::Apns, 0.05);
        metrics.clients(3, 4096);
        metrics.outbox(3, 1_500, 40);
        metrics.queue_depth(7);
        let load = PushServiceLoad { connections: 2, streams: 9, credentials_held: 1 };
        metrics.push_service_load(PushService::Fcm, load);
        let app = "chat".parse().unwrap();
        let credential = ((&app, PushService::Apns, Some(Environment::Sandbox)), "held");
        metrics.credential_states(&["usable", "held"], [credential].into_iter());
        metrics.token_refreshes(PushService::Fcm, 4, 1);
        metrics.stored(5, 6);
        metrics.store_error();
        metrics.rate_limited(RateLimit::SenderTargets);
        metrics.rate_limit_keys(RateLimit::AddressRequests, 4);
        metrics
    }

    #[test]
    fn each_metric_is_shown_by_its_name_with_its_labels() {
        let text = busy().render();
        for line in [
            "sealpush_requests_total{route=\"notifications\",status=\"200\"} 1",
            "sealpush_targets_total{form=\"sealed_by_sender\"} 2",
            "sealpush_attempts_total{push_service=\"apns\",class=\"accepted\"} 1",
            "sealpush_outcomes_total{push_service=\"apns\",outcome=\"accepted\",form=\"sealed_by_sender\"} 1",
            "sealpush_ended_without_attempt_total{outcome=\"withdrawn\"} 2",
            "sealpush_repeated_total{push_service=\"fcm\"} 1",
            "sealpush_admission_seconds_count 1",
            "sealpush_outbox_bytes 1500",
            "sealpush_outbox_oldest_seconds 40",
            "sealpush_credentials_held{push_service=\"fcm\"} 1",
            "sealpush_credential_state{app=\"chat\",push_service=\"apns\",environment=\"sandbox\",state=\"usable\"} 0",
            "sealpush_credential_state{app=\"chat\",push_service=\"apns\",environment=\"sandbox\",state=\"held\"} 1",
            "sealpush_token_refreshes_total{push_service=\"fcm\",result=\"failed\"} 1",
            "sealpush_store_errors_total 1",
        ] {
            assert!(text.lines().any(|shown| shown == line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn the_list_names_every_metric_with_its_kind_and_help() {
        let text = busy().render();
        let shown: Vec<_> = text.lines().filter(|line| line.starts_with("# TYPE")).collect();
        let listed: Vec<_> = METRICS
            .iter()
            .map(|metric| {
                let kind = format!("{:?}", metric.kind).to_lowercase();
                format!("# TYPE {} {kind}", metric.name.trim_end_matches("_total"))
            })
            .collect();
        assert_eq!(shown, listed);
        for metric in METRICS {
            assert!(text.contains(metric.help), "{}", metric.name);
        }
    }

    #[test]
    fn the_listed_labels_are_the_shown_ones() {
        let text = busy().render();
        for metric in METRICS {
            let sample = text.lines().find(|line| line.starts_with(metric.name)).unwrap_or_default();
            let labels: Vec<_> = sample
                .split_once('{')
                .and_then(|(_, rest)| rest.split_once('}'))
                .map(|(labels, _)| labels.split(',').filter_map(|label| label.split('=').next()).collect())
                .unwrap_or_default();
            let labels: Vec<&str> = labels.into_iter().filter(|label| *label != "le").collect();
            assert_eq!(labels, metric.labels, "{sample}");
        }
    }

    #[test]
    fn two_relays_in_one_process_count_apart() {
        let (busy, idle) = (busy(), Metrics::new());
        assert!(busy.render().contains("sealpush_queue_depth 7"));
        assert!(idle.render().contains("sealpush_queue_depth 0"));
    }
}
