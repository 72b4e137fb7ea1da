//! `acme` of a listener: a certificate that the relay gets and renews itself (RFC 8555).

use std::path::PathBuf;

use rustls_pki_types::{CertificateDer, DnsName};
use serde::Deserialize;

use super::source::Source;
use super::{ConfigError, url};

/// Let's Encrypt, "ACME v2 Production API".
const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// How the relay gets its own certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acme {
    /// The names that the certificate is for; at least one, none with a wildcard.
    pub domains: Vec<String>,
    /// Where the authority reaches the operator: `mailto:` addresses. May be empty.
    pub contact: Vec<String>,
    /// Where account key, certificate and its key are kept; made with mode 0700.
    pub cache_dir: PathBuf,
    /// The authority's directory (RFC 8555, section 7.1.1).
    pub directory: String,
    /// The only roots that are trusted for the authority, in place of the public ones.
    pub roots: Option<Vec<CertificateDer<'static>>>,
}

/// `acme` as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AcmeText {
    domains: Vec<String>,
    #[serde(default)]
    contact: Vec<String>,
    #[serde(default)]
    agree_to_terms: bool,
    cache_dir: PathBuf,
    directory_url: Option<String>,
    ca_file: Option<PathBuf>,
}

impl AcmeText {
    /// Checks names and addresses.
    pub(super) fn check(self, source: &Source<'_>) -> Result<Acme, ConfigError> {
        let directory = url::https(self.directory_url.as_deref().unwrap_or(LETS_ENCRYPT))
            .map_err(|problem| source.refuse("listen.tls.acme.directory_url", problem))?;
        if !self.agree_to_terms {
            return Err(source.refuse(
                "listen.tls.acme.agree_to_terms",
                format!(
                    "must be true: an account at {directory} needs your consent to its terms, which that address names"
                ),
            ));
        }
        if self.domains.is_empty() {
            return Err(source.refuse("listen.tls.acme.domains", "is empty; name the relay's host"));
        }
        for domain in &self.domains {
            let plain = DnsName::try_from(domain.as_str()).is_ok() && !domain.contains('*');
            if !plain {
                // RFC 8737: the challenge proves single names only.
                let problem = format!("`{domain}` is not the name of one host, such as push.example.org");
                return Err(source.refuse("listen.tls.acme.domains", problem));
            }
        }
        for contact in &self.contact {
            if !contact.strip_prefix("mailto:").is_some_and(|address| address.contains('@')) {
                let problem = format!("`{contact}` is not of the form mailto:you@example.org");
                return Err(source.refuse("listen.tls.acme.contact", problem));
            }
        }
        let roots = self.ca_file.map(|path| source.read_certificates("listen.tls.acme.ca_file", &path));
        Ok(Acme {
            domains: self.domains,
            contact: self.contact,
            cache_dir: source.path(&self.cache_dir),
            directory,
            roots: roots.transpose()?,
        })
    }
}
