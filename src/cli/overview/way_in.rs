//! A listener in the overview: with which certificate, for whom, and whose word counts about clients.

use serde::Serialize;

use crate::config::{ClientHeader, ClientMode, Listen, OperatorListen, Tls, TlsCertificate, TrustedProxies};

/// Where somebody reaches the relay.
#[derive(Debug, Serialize)]
pub(super) struct WayIn {
    at: String,
    /// Where its certificate comes from; absent on plain HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<Certificate>,
    /// Whether clients show certificates; absent where they are not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_certificates: Option<&'static str>,
    /// Who is believed about where a request comes from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    trusted_proxies: Vec<String>,
    /// In which header they say so; absent where nobody is believed.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_header: Option<&'static str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Certificate {
    File(String),
    Acme { domains: Vec<String>, directory: String },
}

impl From<&Listen> for WayIn {
    fn from(listen: &Listen) -> Self {
        let trusted_proxies = listen.trusted_proxies.names();
        let client_header = (!trusted_proxies.is_empty()).then(|| header(&listen.trusted_proxies));
        Self { trusted_proxies, client_header, ..Self::new(listen.at.to_string(), listen.tls.as_ref()) }
    }
}

impl From<&OperatorListen> for WayIn {
    fn from(listen: &OperatorListen) -> Self {
        Self::new(listen.address.to_string(), listen.tls.as_ref())
    }
}

impl WayIn {
    fn new(at: String, tls: Option<&Tls>) -> Self {
        let clients = tls.and_then(|tls| tls.clients.as_ref());
        Self {
            at,
            certificate: tls.map(|tls| Certificate::from(&tls.certificate)),
            client_certificates: clients.map(|clients| match clients.mode {
                ClientMode::Required => "required",
                ClientMode::Optional => "optional",
            }),
            trusted_proxies: Vec::new(),
            client_header: None,
        }
    }

    /// The address as one writes it.
    pub(super) fn url(&self) -> String {
        let scheme = if self.certificate.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.at)
    }

    /// Where it is, and whether TLS ends here.
    pub(super) fn line(&self) -> String {
        let tls =
            if self.certificate.is_some() { "HTTPS" } else { "plain HTTP, for a proxy on this machine" };
        format!("{} ({tls})", self.at)
    }

    /// What is out of the ordinary about it, a line each.
    pub(super) fn remarks(&self) -> Vec<String> {
        let certificate = self.certificate.as_ref().map(|certificate| match certificate {
            Certificate::File(path) => format!("certificate in {path}, read again when it changes"),
            Certificate::Acme { domains, directory } => {
                format!("certificate for {} ordered from {directory}", domains.join(", "))
            }
        });
        let clients = self.client_certificates.map(|mode| match mode {
            "required" => "only clients with a certificate of client_ca_file get in".to_owned(),
            _ => "clients may show a certificate of client_ca_file".to_owned(),
        });
        let proxies = self.client_header.map(|header| {
            format!(
                "{} are believed what {header} says of a client's address",
                self.trusted_proxies.join(", ")
            )
        });
        certificate.into_iter().chain(clients).chain(proxies).collect()
    }
}

impl From<&TlsCertificate> for Certificate {
    fn from(certificate: &TlsCertificate) -> Self {
        match certificate {
            TlsCertificate::Files(files) => Self::File(files.paths()[0].display().to_string()),
            TlsCertificate::Acme(acme) => {
                Self::Acme { domains: acme.domains.clone(), directory: acme.directory.clone() }
            }
        }
    }
}

fn header(proxies: &TrustedProxies) -> &'static str {
    match proxies.header() {
        ClientHeader::XForwardedFor => "X-Forwarded-For",
        ClientHeader::Forwarded => "Forwarded",
    }
}
