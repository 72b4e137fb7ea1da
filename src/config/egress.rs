//! `[egress]`: how the relay reaches the push services, where that is not straight through.

use std::net::IpAddr;
use std::path::PathBuf;

use http::Uri;
use serde::Deserialize;

use super::ConfigError;
use super::source::Source;
use crate::base::Secret;

/// The way out, for push services and token endpoints alike.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Egress {
    /// Through this proxy, and through nothing else; `None`: straight.
    pub proxy: Option<Proxy>,
    /// From this address of the machine.
    pub bind_address: Option<IpAddr>,
}

/// A proxy that opens tunnels (HTTP CONNECT, RFC 9110, section 9.3.6). TLS goes through it, end to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    /// Its host, an IPv6 address without its brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// `user:password`, where it asks who tunnels (RFC 7617).
    pub credentials: Option<Secret<String>>,
}

/// `[egress]` as written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct EgressText {
    proxy: Option<String>,
    proxy_credentials_file: Option<PathBuf>,
    bind_address: Option<IpAddr>,
}

impl EgressText {
    /// Checks the proxy's address, and reads its credentials.
    pub(super) fn check(self, source: &mut Source<'_>) -> Result<Egress, ConfigError> {
        let key = "egress.proxy_credentials_file";
        let credentials = match (&self.proxy, self.proxy_credentials_file) {
            (_, None) => None,
            (None, Some(_)) => return Err(source.refuse(key, "goes with `proxy`")),
            (Some(_), Some(path)) => {
                let bytes = source.read_key(key, &path)?;
                let line = std::str::from_utf8(&bytes).ok().map(|text| text.trim_ascii_end().to_owned());
                let line = line.map(Secret::new).filter(|line| is_credentials(line.expose()));
                Some(line.ok_or_else(|| source.refuse(key, "must hold one line, `user:password`"))?)
            }
        };
        let proxy = self.proxy.map(|text| proxy(source, &text, credentials)).transpose()?;
        Ok(Egress { proxy, bind_address: self.bind_address })
    }
}

/// RFC 7617, section 2: control characters are in neither part, and the first colon ends the user's name.
fn is_credentials(line: &str) -> bool {
    line.split_once(':').is_some_and(|(user, _)| !user.is_empty()) && !line.chars().any(char::is_control)
}

fn proxy(source: &Source<'_>, text: &str, credentials: Option<Secret<String>>) -> Result<Proxy, ConfigError> {
    let wrong = |problem: String| source.refuse("egress.proxy", problem);
    // First, and without repeating the text: it may hold a password.
    if text.contains('@') {
        return Err(wrong(
            "has credentials in it; put `user:password` into `proxy_credentials_file`".to_owned(),
        ));
    }
    let uri: Option<Uri> = text.parse().ok();
    let uri = uri.filter(|uri| uri.scheme_str() == Some("http"));
    let uri =
        uri.ok_or_else(|| wrong(format!("`{text}` is not of the form http://proxy.example.org:3128")))?;
    let authority = uri.authority().filter(|authority| !authority.host().is_empty());
    let authority = authority.ok_or_else(|| wrong(format!("`{text}` names no host")))?;
    let port = authority.port_u16();
    let port = port.ok_or_else(|| wrong(format!("`{text}` names no port, such as :3128")))?;
    if !matches!(uri.path_and_query().map(http::uri::PathAndQuery::as_str), None | Some("/")) {
        return Err(wrong(format!("`{text}` must end after host and port")));
    }
    let host = authority.host();
    let host = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    Ok(Proxy { host: host.to_owned(), port, credentials })
}
