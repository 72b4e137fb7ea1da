//! Binds every listener, and gives it its routes and its TLS.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use tokio::sync::{Mutex, Semaphore};

use super::accept::Acceptor;
use super::acme::AcmeOrder;
use super::compose::Parts;
use super::listener::Listener;
use super::operator_routes::{self, Clients, Inside};
use super::passed_sockets::PassedSockets;
use super::reload::Reloader;
use super::state_watch::StateChanges;
use super::tls::TlsDoor;
use crate::api;
use crate::api::admin::{
    Gate, admin_routes, admin_routes_by_token, by_token, key_routes, key_routes_by_token, limit_routes,
};
use crate::base::{Clock, Entropy};
use crate::config::{Config, Tls, TlsCertificate};
use crate::intake::Connections;
use crate::operator::Operator;
use crate::web::with_manners;

/// Connections on each of the operator's listeners, apart from those of senders and from each other: who floods one
/// must not lock the operator out of the socket.
const OPERATOR_CONNECTIONS: usize = 64;
/// How many of them one network has.
const OPERATOR_CONNECTIONS_OF_ONE: usize = 16;

/// Where a running relay is reached.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// The TCP addresses for senders and apps, in the order of the config.
    pub listen: Vec<SocketAddr>,
    /// The operator's TCP address.
    pub operator: SocketAddr,
    /// The operator's Unix socket.
    pub operator_socket: PathBuf,
}

/// What is bound, and not yet served.
pub(super) struct Bound {
    pub(super) acceptors: Vec<Acceptor>,
    pub(super) addresses: Addresses,
    pub(super) operator: Arc<Operator>,
    /// What the operator's listeners show of it.
    pub(super) inside: Arc<Inside>,
    /// Certificates from files.
    pub(super) watched: Vec<Arc<TlsDoor>>,
    /// Certificates that are ordered.
    pub(super) ordered: Vec<(AcmeOrder, Arc<TlsDoor>)>,
}

/// Binds all that `config` names.
pub(super) async fn bind(
    config: Config,
    parts: &Parts,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
) -> anyhow::Result<Bound> {
    let places = Arc::new(Semaphore::new(config.limits.connections));
    let of_api = api::routes(Arc::clone(&parts.api));
    let (mut acceptors, mut listen, mut doors) = (Vec::new(), Vec::new(), Vec::new());
    let (mut watched, mut ordered) = (Vec::new(), Vec::new());
    let mut passed = PassedSockets::of_this_process();
    for one in &config.listen {
        let listener = Listener::bind(&one.at, &mut passed).await?;
        anyhow::ensure!(
            one.tls.is_some() || !listener.is_open_to_a_network(),
            "the socket {} can be reached from other machines, and without TLS they would send credentials in the clear; \
             add `tls` to this listener, or have the service manager listen on 127.0.0.1",
            one.at
        );
        listen.extend(listener.address());
        let (door, order) = door(one.at.to_string(), one.tls.as_ref())?;
        match (&door, order) {
            (Some(door), Some(order)) => ordered.push((order, Arc::clone(door))),
            (Some(door), None) => watched.push(Arc::clone(door)),
            (None, _) => {}
        }
        doors.push(door.clone());
        let router = with_manners(
            of_api.clone(),
            (Arc::clone(entropy), parts.live.access_log.clone()),
            door.is_some(),
        );
        let places = Arc::clone(&places);
        let trusted = Arc::new(one.trusted_proxies.clone());
        let networks = Arc::clone(&parts.connections);
        acceptors.push(Acceptor { listener, tls: door, router, trusted, places, networks });
    }
    let tcp = Listener::tcp(config.operator.address).await?;
    let address = tcp.address().context("the operator's listener has an address")?;
    // The operator's certificate is never ordered, always read from files.
    let (operator_door, _) = door(address.to_string(), config.operator.tls.as_ref())?;
    watched.extend(operator_door.clone());
    doors.push(operator_door.clone());
    let operator_socket = config.operator.socket.clone();
    let socket = Listener::unix(&operator_socket, 0o600)?;
    let inside = Inside {
        store: parts.store.clone(),
        push_services: Arc::clone(&parts.push_services),
        metrics: Arc::clone(&parts.metrics),
        queue: parts.queue.clone(),
        clock: Arc::clone(clock),
        certificates: doors.iter().flatten().cloned().collect(),
        clients: Clients { places, most: config.limits.connections },
        bodies: parts.api.bodies.clone(),
        changes: StateChanges::default(),
    };
    let inside = Arc::new(inside);
    let reloader = Reloader {
        running: Mutex::new(config),
        live: parts.live.clone(),
        push_services: Arc::clone(&parts.push_services),
        rate_limits: Arc::clone(&parts.api.rate_limits),
        usage_writer: Arc::clone(&parts.usage_writer),
        doors,
    };
    let apps = parts.live.apps.clone();
    let operator = Operator::new(apps, &parts.store, Arc::clone(clock), Arc::clone(entropy));
    let operator = Arc::new(operator.of_running(Arc::new(reloader)).beside(Arc::clone(&parts.push_services)));
    let monitoring = operator_routes::routes(Arc::clone(&inside));
    let limits = limit_routes(Arc::clone(&parts.api.rate_limits), Arc::clone(&parts.connections));
    let keys = key_routes(Arc::clone(&parts.keys));
    let over_socket =
        monitoring.clone().merge(limits.clone()).merge(keys).merge(admin_routes(Arc::clone(&operator)));
    let gate = Gate { operator: Arc::clone(&operator), rate_limits: Arc::clone(&parts.api.rate_limits) };
    // Totals, for whoever is on this machine; from elsewhere they ask for a token like everything else.
    let monitoring = if address.ip().is_loopback() { monitoring } else { by_token(monitoring, gate.clone()) };
    let over_tcp = monitoring
        .merge(by_token(limits, gate.clone()))
        .merge(key_routes_by_token(Arc::clone(&parts.keys), gate.clone()))
        .merge(admin_routes_by_token(gate));
    for (listener, tls, routes) in [(tcp, operator_door, over_tcp), (socket, None, over_socket)] {
        let router =
            with_manners(routes, (Arc::clone(entropy), parts.live.access_log.clone()), tls.is_some());
        let (trusted, places) = (Arc::default(), Arc::new(Semaphore::new(OPERATOR_CONNECTIONS)));
        let networks = Connections::new(OPERATOR_CONNECTIONS_OF_ONE, Arc::clone(&parts.metrics));
        acceptors.push(Acceptor { listener, tls, router, trusted, places, networks });
    }
    let addresses = Addresses { listen, operator: address, operator_socket };
    Ok(Bound { acceptors, addresses, operator, inside, watched, ordered })
}

/// How a listener ends TLS, with the order of its certificate where an authority gives it.
fn door(listener: String, tls: Option<&Tls>) -> anyhow::Result<(Option<Arc<TlsDoor>>, Option<AcmeOrder>)> {
    let Some(tls) = tls else { return Ok((None, None)) };
    let order = match &tls.certificate {
        TlsCertificate::Files(_) => None,
        TlsCertificate::Acme(acme) => Some(AcmeOrder::new(acme)?),
    };
    let resolver = order.as_ref().map(AcmeOrder::resolver);
    Ok((Some(Arc::new(TlsDoor::new(listener, tls, resolver)?)), order))
}
