//! Whom an exchange is with: what it is called in errors, and where it is.

use std::fmt;
use std::sync::Arc;

use http::Uri;

/// Another program, by its role and its origin. Cheap to copy: every error names one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hop(Arc<Parts>);

#[derive(Debug, PartialEq, Eq)]
struct Parts {
    role: &'static str,
    url: String,
    host: String,
    port: u16,
    tls: bool,
    base: String,
}

/// Why an address cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HopError {
    /// Not `https://host[:port][/path]`.
    #[error("`{0}` is not an address such as https://push.example.org")]
    Form(String),
    /// Plain HTTP to another machine: the credential would travel in the clear.
    #[error(
        "`{0}` is plain HTTP to another machine, and the credential would travel in the clear; use https"
    )]
    PlainHttp(String),
}

impl Hop {
    /// The hop of this role ("the relay") at `url`. Plain HTTP is taken to this machine only.
    pub(crate) fn parse(role: &'static str, url: &str) -> Result<Self, HopError> {
        let form = || HopError::Form(url.to_owned());
        let uri: Uri = url.parse().map_err(|_| form())?;
        let tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(form()),
        };
        let authority = uri.authority().ok_or_else(form)?;
        if authority.as_str().contains('@') || uri.query().is_some() {
            return Err(form());
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        if !tls && !is_this_machine(&host) {
            return Err(HopError::PlainHttp(url.to_owned()));
        }
        Ok(Self(Arc::new(Parts {
            role,
            url: url.trim_end_matches('/').to_owned(),
            port: authority.port_u16().unwrap_or(if tls { 443 } else { 80 }),
            tls,
            base: uri.path().trim_end_matches('/').to_owned(),
            host,
        })))
    }

    /// The address as it was given, without a slash at its end.
    #[must_use]
    pub(crate) fn url(&self) -> &str {
        &self.0.url
    }

    pub(super) fn host(&self) -> &str {
        &self.0.host
    }

    pub(super) fn port(&self) -> u16 {
        self.0.port
    }

    pub(super) fn tls(&self) -> bool {
        self.0.tls
    }

    /// The absolute URI of a path; HTTP/2 takes scheme and authority from it, HTTP/1.1 the path.
    pub(super) fn uri(&self, path: &str) -> String {
        format!("{}{path}", self.0.url)
    }

    /// The path alone.
    pub(super) fn path(&self, path: &str) -> String {
        format!("{}{path}", self.0.base)
    }

    /// `host:port`, for HTTP/1.1's `Host`.
    pub(super) fn authority(&self) -> &str {
        let rest = self.0.url.split_once("://").map_or("", |(_, rest)| rest);
        rest.split('/').next().unwrap_or_default()
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

impl fmt::Display for Hop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.0.role, self.0.url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_host_a_port_and_perhaps_a_path() {
        let hop = Hop::parse("the relay", "https://push.example.org/relay/").unwrap();
        assert_eq!((hop.host(), hop.port(), hop.tls()), ("push.example.org", 443, true));
        assert_eq!(hop.uri("/v1/relay"), "https://push.example.org/relay/v1/relay");
        assert_eq!(
            (hop.path("/v1/relay").as_str(), hop.authority()),
            ("/relay/v1/relay", "push.example.org")
        );
        assert_eq!(hop.to_string(), "the relay at https://push.example.org/relay");
        let six = Hop::parse("the relay", "https://[::1]:8480").unwrap();
        assert_eq!((six.host(), six.port(), six.authority()), ("::1", 8480, "[::1]:8480"));
    }

    #[test]
    fn plain_http_is_taken_to_this_machine_only() {
        assert!(Hop::parse("the relay", "http://127.0.0.1:8480").is_ok());
        assert!(Hop::parse("the relay", "http://localhost:8480").is_ok());
        let elsewhere = Hop::parse("the relay", "http://push.example.org");
        assert!(matches!(elsewhere, Err(HopError::PlainHttp(_))));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for bad in ["", "push.example.org", "ftp://a", "https://", "https://me:pw@a", "https://a?x"] {
            assert!(matches!(Hop::parse("the relay", bad), Err(HopError::Form(_))), "{bad}");
        }
    }
}
