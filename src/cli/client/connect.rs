//! Opens a connection to a hop: TCP, and TLS where the address says https.

use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::{ClientError, Hop, Trust};

/// A connection of either kind.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// A connection, and whether HTTP/2 was agreed on (RFC 9113, section 3.3: by ALPN).
pub(super) async fn connect(hop: &Hop, trust: &Trust) -> Result<(Box<dyn Stream>, bool), ClientError> {
    let refused = |error| ClientError::Connect { hop: hop.clone(), error };
    let tcp = TcpStream::connect((hop.host(), hop.port())).await.map_err(refused)?;
    tcp.set_nodelay(true).map_err(refused)?;
    if !hop.tls() {
        return Ok((Box::new(tcp), false));
    }
    let name = ServerName::try_from(hop.host().to_owned())
        .map_err(|error| refused(std::io::Error::new(std::io::ErrorKind::InvalidInput, error)))?;
    let tls = TlsConnector::from(trust.0.clone())
        .connect(name, tcp)
        .await
        .map_err(|error| ClientError::Tls { hop: hop.clone(), error })?;
    let http2 = tls.get_ref().1.alpn_protocol() == Some(b"h2");
    Ok((Box::new(tls), http2))
}
