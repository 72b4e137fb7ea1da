//! Where a push service is reached: an `https` address and nothing more.

use std::fmt;
use std::str::FromStr;

use http::uri::{Authority, PathAndQuery, Scheme, Uri};
use rustls_pki_types::ServerName;

/// Host and port of a push service. Only `https`, without path, user or query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    authority: Authority,
    server_name: ServerName<'static>,
}

/// Why a text is not the address of a push service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a push service's address is https://, a host and at most a port")]
pub struct EndpointError;

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let uri: Uri = text.parse().map_err(|_| EndpointError)?;
        if !matches!(uri.path_and_query().map(PathAndQuery::as_str), None | Some("/")) {
            return Err(EndpointError);
        }
        Self::of(&uri)
    }
}

impl Endpoint {
    /// The host and port of an `https` URL, whatever its path.
    pub(super) fn of(uri: &Uri) -> Result<Self, EndpointError> {
        let authority = uri.authority().ok_or(EndpointError)?;
        if uri.scheme() != Some(&Scheme::HTTPS) || authority.as_str().contains('@') {
            return Err(EndpointError);
        }
        let server_name =
            ServerName::try_from(bare(authority.host()).to_owned()).map_err(|_| EndpointError)?;
        Ok(Self { authority: authority.clone(), server_name })
    }

    /// Host and port as a request names them.
    pub(super) fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The name that the certificate must show.
    pub(super) fn server_name(&self) -> ServerName<'static> {
        self.server_name.clone()
    }

    /// The host, an IPv6 address without its brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        bare(self.authority.host())
    }

    /// The port; 443 where none was given.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.authority.port_u16().unwrap_or(443)
    }
}

fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host)
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}", self.authority)
    }
}

/// Where the push services are. The default is where their vendors say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// APNs for builds from the App Store, `TestFlight`, ad hoc and enterprise distribution.
    pub apns_production: Endpoint,
    /// APNs for development builds.
    pub apns_sandbox: Endpoint,
    /// FCM's HTTP v1 API.
    pub fcm: Endpoint,
}

impl Default for Endpoints {
    fn default() -> Self {
        let known = |text: &str| text.parse().expect("the vendors' addresses are well formed");
        Self {
            // Apple, "Sending notification requests to APNs".
            apns_production: known("https://api.push.apple.com"),
            apns_sandbox: known("https://api.sandbox.push.apple.com"),
            // Firebase, "REST Resource: projects.messages".
            fcm: known("https://fcm.googleapis.com"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_https_with_a_host_and_nothing_else() {
        for bad in [
            "http://api.push.apple.com",
            "api.push.apple.com",
            "https://",
            "https://user@host",
            "https://host/path",
            "https://host/?q",
        ] {
            assert_eq!(bad.parse::<Endpoint>(), Err(EndpointError), "{bad}");
        }
    }

    #[test]
    fn the_port_is_443_unless_named() {
        let named: Endpoint = "https://[::1]:2197".parse().unwrap();
        assert_eq!((named.host(), named.port()), ("::1", 2197));
        assert_eq!(Endpoints::default().fcm.port(), 443);
    }
}
