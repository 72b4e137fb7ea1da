//! `[listen]` or several `[[listen]]`: where senders and apps reach the relay.

use std::fmt;
use std::net::SocketAddr;
use std::os::unix::fs::FileTypeExt;
use std::path::PathBuf;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use super::ConfigError;
use super::source::Source;
use super::tls::{Tls, TlsCertificate, TlsText};
use super::trusted_proxies::{ClientHeader, TrustedProxies};

/// The longest path of a Unix socket that Linux takes (`sun_path` of unix(7): 108 bytes with the final zero).
const LONGEST_SOCKET_PATH: usize = 107;

/// A listener for senders and apps.
#[derive(Debug, Clone)]
pub struct Listen {
    /// Where.
    pub at: ListenAt,
    /// With which certificate; `None` only on loopback and on a Unix socket.
    pub tls: Option<Tls>,
    /// Who is believed about where a request comes from.
    pub trusted_proxies: TrustedProxies,
}

impl Listen {
    /// Whether `new` is the same listener, whatever certificate it shows and asks for.
    pub(super) fn same_but_certificate(&self, new: &Self) -> bool {
        let Self { at, tls, trusted_proxies } = self;
        let same_way = match (tls.as_ref().map(|tls| &tls.certificate), new.tls.as_ref()) {
            (None, None) => true,
            (Some(TlsCertificate::Files(_)), Some(new)) => {
                matches!(new.certificate, TlsCertificate::Files(_))
            }
            (Some(acme @ TlsCertificate::Acme(_)), Some(new)) => *acme == new.certificate,
            (None, Some(_)) | (Some(_), None) => false,
        };
        *at == new.at && *trusted_proxies == new.trusted_proxies && same_way
    }
}

/// Where a listener is bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListenAt {
    /// A TCP address; port 0 takes a free one.
    Tcp(SocketAddr),
    /// A Unix socket.
    Unix {
        /// Where.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// A socket that the service manager passes under this name.
    Passed(String),
}

impl fmt::Display for ListenAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "{address}"),
            Self::Unix { path, .. } => write!(f, "unix:{}", path.display()),
            Self::Passed(name) => write!(f, "systemd:{name}"),
        }
    }
}

/// All listeners as written: one table or several.
#[derive(Debug)]
pub(super) struct ListenTexts(Vec<ListenText>);

/// One listener as written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ListenText {
    address: Option<SocketAddr>,
    unix_socket: Option<PathBuf>,
    unix_socket_mode: Option<String>,
    systemd_socket: Option<String>,
    tls: Option<TlsText>,
    #[serde(default)]
    trusted_proxies: Vec<String>,
    #[serde(default)]
    client_header: ClientHeader,
}

impl Default for ListenTexts {
    fn default() -> Self {
        let address = Some(SocketAddr::from(([127, 0, 0, 1], 8480)));
        Self(vec![ListenText { address, ..ListenText::default() }])
    }
}

impl ListenTexts {
    /// Checks each listener.
    pub(super) fn check(self, source: &mut Source<'_>) -> Result<Vec<Listen>, ConfigError> {
        if self.0.is_empty() {
            return Err(source.refuse("listen", "is empty; leave it out for 127.0.0.1:8480"));
        }
        self.0.into_iter().map(|listen| listen.check(source)).collect()
    }
}

impl ListenText {
    fn check(self, source: &mut Source<'_>) -> Result<Listen, ConfigError> {
        let mode = socket_mode(source, self.unix_socket_mode.as_deref(), self.unix_socket.is_some())?;
        let at = match (self.address, self.unix_socket, self.systemd_socket) {
            (Some(address), None, None) => ListenAt::Tcp(address),
            (None, Some(path), None) => {
                ListenAt::Unix { path: socket_path(source, "listen.unix_socket", source.path(&path))?, mode }
            }
            (None, None, Some(name)) => ListenAt::Passed(name),
            _ => {
                return Err(source.refuse(
                    "listen",
                    "needs either `address` or `unix_socket` (or `systemd_socket`), and no more than one of them",
                ));
            }
        };
        let trusted_proxies = TrustedProxies::check(source, self.trusted_proxies, self.client_header)?;
        let tls = self.tls.map(|tls| tls.check(source, "listen.tls")).transpose()?;
        match (&at, &tls) {
            // Credentials and device tokens pass here: never over a network in the clear.
            (ListenAt::Tcp(address), None) if !address.ip().is_loopback() => Err(source.refuse(
                "listen.address",
                format!(
                    "{address} can be reached from other machines, and without TLS they would send credentials in the clear. \
                     Add `tls = {{ certificate = \"…\", key = \"…\" }}`, or listen on 127.0.0.1 behind a reverse proxy that ends TLS"
                ),
            )),
            (ListenAt::Unix { .. }, Some(_)) => {
                Err(source.refuse("listen.tls", "means nothing on a Unix socket; leave it out"))
            }
            _ => Ok(Listen { at, tls, trusted_proxies }),
        }
    }
}

/// The permissions of a Unix socket. By default its directory alone decides who may reach it.
fn socket_mode(source: &Source<'_>, mode: Option<&str>, is_socket: bool) -> Result<u32, ConfigError> {
    let key = "listen.unix_socket_mode";
    let Some(text) = mode else { return Ok(0o666) };
    if !is_socket {
        return Err(source.refuse(key, "goes with `unix_socket`"));
    }
    match u32::from_str_radix(text, 8) {
        Ok(mode) if mode <= 0o777 && mode & 0o600 == 0o600 => Ok(mode),
        _ => Err(source.refuse(
            key,
            format!("`{text}` is not a mode in which the relay's user may read and write, such as \"0660\""),
        )),
    }
}

/// `path`, where a Unix socket can have it.
pub(super) fn socket_path(source: &Source<'_>, key: &str, path: PathBuf) -> Result<PathBuf, ConfigError> {
    if path.as_os_str().len() > LONGEST_SOCKET_PATH {
        let problem = format!(
            "{} is longer than the {LONGEST_SOCKET_PATH} bytes that the system takes for a socket's path; choose a shorter one",
            path.display()
        );
        return Err(source.refuse(key, problem));
    }
    // A relay that was killed leaves its socket behind, and the next one replaces it: that must not be the
    // database, or any other file that was named by mistake.
    if std::fs::symlink_metadata(&path).is_ok_and(|metadata| !metadata.file_type().is_socket()) {
        let problem = format!("{} is there already and is no socket; choose another path", path.display());
        return Err(source.refuse(key, problem));
    }
    Ok(path)
}

impl<'de> Deserialize<'de> for ListenTexts {
    /// By hand, because the errors of serde's untagged enums say neither line nor key.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrSeveral;
        impl<'de> Visitor<'de> for OneOrSeveral {
            type Value = ListenTexts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table [listen], or several [[listen]]")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ListenTexts, A::Error> {
                Ok(ListenTexts(vec![ListenText::deserialize(MapAccessDeserializer::new(map))?]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<ListenTexts, A::Error> {
                Ok(ListenTexts(Vec::deserialize(SeqAccessDeserializer::new(seq))?))
            }
        }
        deserializer.deserialize_any(OneOrSeveral)
    }
}
