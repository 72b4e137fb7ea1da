//! A proxy as operators have it: opens tunnels by HTTP CONNECT, may ask for credentials, and writes down where to.

use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// A running proxy; it ends with the test's runtime.
pub(super) struct ConnectProxy {
    pub(super) url: String,
    tunnels: Arc<Mutex<Vec<String>>>,
    heads: Arc<Mutex<Vec<String>>>,
}

impl ConnectProxy {
    /// A proxy that asks for `credentials`, where there are some.
    pub(super) async fn start(credentials: Option<&str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let tunnels = Arc::<Mutex<Vec<String>>>::default();
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let (opened, wanted) = (Arc::clone(&tunnels), credentials.map(|text| STANDARD.encode(text)));
        let heard = Arc::clone(&heads);
        #[expect(clippy::disallowed_methods, reason = "the proxy ends with the test's runtime")]
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (opened, heard, wanted) = (Arc::clone(&opened), Arc::clone(&heard), wanted.clone());
                #[expect(clippy::disallowed_methods, reason = "the tunnel ends with the test's runtime")]
                tokio::spawn(async move { serve(stream, &opened, &heard, wanted.as_deref()).await });
            }
        });
        Self { url, tunnels, heads }
    }

    /// Where tunnels were opened to, in their order.
    pub(super) fn tunnels(&self) -> Vec<String> {
        self.tunnels.lock().unwrap().clone()
    }

    /// The heads of the requests that it got.
    pub(super) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

async fn serve(
    stream: TcpStream,
    opened: &Mutex<Vec<String>>,
    heads: &Mutex<Vec<String>>,
    wanted: Option<&str>,
) {
    let mut client = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if client.read_line(&mut head).await.unwrap_or(0) == 0 {
            return;
        }
    }
    heads.lock().unwrap().push(head.clone());
    let target = head.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next()).unwrap().to_owned();
    let shown = head.lines().find_map(|line| line.strip_prefix("proxy-authorization: Basic "));
    if wanted.is_some() && shown != wanted {
        let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n";
        client.write_all(refusal.as_bytes()).await.unwrap();
        return;
    }
    let mut server = TcpStream::connect(&target).await.unwrap();
    opened.lock().unwrap().push(target);
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
    let _ = copy_bidirectional(&mut client, &mut server).await;
}
