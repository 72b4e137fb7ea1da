//! The relay's own certificate: its time, its names, and who vouches for it.

use std::sync::Arc;
use std::time::Duration;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, Error, RootCertStore};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use super::{Area, Finding};
use crate::base::UnixMillis;
use crate::config::{Acme, Config, TlsCertificate};

/// When it is time to wonder why nothing renewed it.
const SOON: Duration = Duration::from_hours(14 * 24);
/// After every certificate's end: the library then says when that was.
const DOOMSDAY: Duration = Duration::from_secs(250_000_000_000);

pub(super) fn findings(config: &Config, now: UnixMillis) -> Vec<Finding> {
    let host = config.relay.public_url.as_deref().and_then(host_of);
    let mut findings = Vec::new();
    for listen in &config.listen {
        let Some(tls) = &listen.tls else { continue };
        let subject = format!("certificate of {}", listen.at);
        match &tls.certificate {
            TlsCertificate::Files(files) => {
                findings.extend(of_chain(&subject, &files.certificates, host.as_deref(), now));
            }
            TlsCertificate::Acme(acme) => findings.push(ordered(&subject, acme, host.as_deref())),
        }
    }
    if let Some(TlsCertificate::Files(files)) = config.operator.tls.as_ref().map(|tls| &tls.certificate) {
        // The config does not say by which name the operator reaches it.
        let subject = format!("certificate of {}", config.operator.address);
        findings.extend(of_chain(&subject, &files.certificates, None, now));
    }
    findings
}

/// A certificate that the relay orders itself: whether it will be for the right name.
fn ordered(subject: &str, acme: &Acme, host: Option<&str>) -> Finding {
    match host {
        Some(host) if !acme.domains.iter().any(|domain| domain == host) => Finding::failed(
            Area::Certificate,
            subject,
            format!("is ordered for {}, and relay.public_url names {host}", acme.domains.join(", ")),
        )
        .mend("let listen.tls.acme.domains and relay.public_url name the same host"),
        _ => Finding::fine(
            Area::Certificate,
            subject,
            format!("the relay orders it itself, for {}", acme.domains.join(", ")),
        ),
    }
}

fn host_of(url: &str) -> Option<String> {
    let uri: http::Uri = url.parse().ok()?;
    Some(uri.host()?.trim_start_matches('[').trim_end_matches(']').to_owned())
}

fn of_chain(
    subject: &str,
    chain: &[CertificateDer<'static>],
    host: Option<&str>,
    now: UnixMillis,
) -> Vec<Finding> {
    let failed = |text: String| Finding::failed(Area::Certificate, subject, text);
    let renew =
        "renew it; if something renews it already, let `tls` name the new files, and run `sealpush reload`";
    let mut findings = vec![match (judged(chain, at(now)), expiry(chain)) {
        (Some(CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. }), _) => {
            failed("is not valid yet".to_owned()).mend("set this machine's clock, or wait")
        }
        (_, Some(end)) if end <= now => failed(format!("expired on {}", end.day())).mend(renew),
        (_, Some(end)) if end.since(now) < SOON => {
            Finding::warning(Area::Certificate, subject, format!("expires on {}", end.day())).mend(renew)
        }
        (_, Some(end)) => Finding::fine(Area::Certificate, subject, format!("is valid until {}", end.day())),
        (_, None) => failed("cannot be read".to_owned())
            .mend("listen.tls.certificate must be a PEM chain, the own certificate first"),
    }];
    if let Some(CertificateError::UnknownIssuer) = judged(chain, at(now)) {
        findings.push(
            Finding::warning(Area::Certificate, subject, "no public authority vouches for it").mend(
                "give the whole chain (fullchain.pem); with an authority of your own, senders and apps must be told to trust it",
            ),
        );
    }
    if let Some(host) = host {
        findings.push(if is_for(chain, host) {
            Finding::fine(Area::Certificate, subject, format!("is for {host}"))
        } else {
            failed(format!("is not for {host}, which relay.public_url names"))
                .mend("get one for that name, or correct relay.public_url")
        });
    }
    findings
}

fn at(now: UnixMillis) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(now.unix_seconds()).unwrap_or(0)))
}

/// What a browser would say of the chain at `time`, but for its names.
fn judged(chain: &[CertificateDer<'static>], time: UnixTime) -> Option<CertificateError> {
    let (own, others) = chain.split_first()?;
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().ok()?;
    // The names are looked at elsewhere, and last here.
    let any = ServerName::try_from("localhost").expect("a name of a host");
    match verifier.verify_server_cert(own, others, &any, &[], time) {
        Err(Error::InvalidCertificate(error)) => Some(error),
        _ => None,
    }
}

fn expiry(chain: &[CertificateDer<'static>]) -> Option<UnixMillis> {
    match judged(chain, UnixTime::since_unix_epoch(DOOMSDAY)) {
        Some(CertificateError::ExpiredContext { not_after, .. }) => {
            i64::try_from(not_after.as_secs()).ok().map(|seconds| UnixMillis(seconds * 1000))
        }
        _ => None,
    }
}

fn is_for(chain: &[CertificateDer<'static>], host: &str) -> bool {
    let Some(own) = chain.first() else { return false };
    let (Ok(own), Ok(name)) = (ParsedCertificate::try_from(own), ServerName::try_from(host)) else {
        return false;
    };
    rustls::client::verify_server_name(&own, &name).is_ok()
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::super::Verdict;
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_763_683_200_000);

    fn chain(from: i32, until: (i32, u8)) -> Vec<CertificateDer<'static>> {
        let mut leaf = CertificateParams::new(vec!["push.example.org".to_owned()]).unwrap();
        leaf.not_before = date_time_ymd(from, 1, 1);
        leaf.not_after = date_time_ymd(until.0, until.1, 1);
        vec![leaf.self_signed(&KeyPair::generate().unwrap()).unwrap().der().clone()]
    }

    fn first(chain: &[CertificateDer<'static>]) -> (Verdict, String) {
        let finding = of_chain("it", chain, None, NOW).remove(0);
        (finding.verdict, finding.text)
    }

    #[test]
    fn the_time_of_a_certificate_is_told() {
        let fine = (Verdict::Fine, "is valid until 2027-01-01".to_owned());
        assert_eq!(first(&chain(2025, (2027, 1))), fine);
        assert_eq!(first(&chain(2025, (2025, 12))), (Verdict::Warning, "expires on 2025-12-01".to_owned()));
        assert_eq!(first(&chain(2025, (2025, 11))), (Verdict::Failed, "expired on 2025-11-01".to_owned()));
        assert_eq!(first(&chain(2026, (2027, 1))), (Verdict::Failed, "is not valid yet".to_owned()));
    }

    #[test]
    fn a_certificate_for_another_host_is_refused() {
        let chain = chain(2025, (2027, 1));
        assert!(is_for(&chain, "push.example.org") && !is_for(&chain, "push.example.com"));
    }

    #[test]
    fn an_authority_that_nobody_knows_is_a_warning() {
        let findings = of_chain("it", &chain(2025, (2027, 1)), Some("push.example.org"), NOW);
        let verdicts: Vec<_> = findings.iter().map(|one| one.verdict).collect();
        assert_eq!(verdicts, [Verdict::Fine, Verdict::Warning, Verdict::Fine]);
    }
}
