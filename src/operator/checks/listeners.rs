//! Where the relay would listen, while none runs.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;

use super::{Area, Finding};
use crate::config::{Config, ListenAt};

pub(super) fn findings(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    for listen in &config.listen {
        findings.push(match &listen.at {
            ListenAt::Tcp(address) => tcp("listen.address", *address),
            ListenAt::Unix { path, .. } => unix("listen.unix_socket", path),
            ListenAt::Passed(_) => {
                let text = "listen.systemd_socket: systemd has it; `systemctl status` of its .socket unit tells more";
                Finding::skipped(Area::Relay, listen.at.to_string(), text)
            }
        });
    }
    findings.push(tcp("operator.address", config.operator.address));
    findings.push(unix("operator.socket", &config.operator.socket));
    findings
}

fn tcp(key: &str, address: SocketAddr) -> Finding {
    let failed = |text: &str| Finding::failed(Area::Relay, address.to_string(), format!("{key}: {text}"));
    // Given back at once.
    match TcpListener::bind(address) {
        Ok(_) => Finding::fine(Area::Relay, address.to_string(), format!("{key}: is free")),
        Err(error) => match error.kind() {
            ErrorKind::AddrInUse => failed("another program listens there").mend(format!(
                "stop it (`ss -ltnp` names it; it may be a second relay), or set {key} to another port"
            )),
            ErrorKind::PermissionDenied => failed("ports below 1024 need a right of their own")
                .mend("CAP_NET_BIND_SERVICE in the systemd unit (deploy/README.md), or a port above 1023"),
            ErrorKind::AddrNotAvailable => failed("this machine has no such address")
                .mend(format!("set {key} to one that `ip address` lists")),
            _ => failed(&error.to_string()),
        },
    }
}

fn unix(key: &str, path: &Path) -> Finding {
    let shown = path.display().to_string();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if folder.is_dir() {
        Finding::fine(Area::Relay, shown, format!("{key}: its folder is there"))
    } else {
        Finding::failed(Area::Relay, shown, format!("{key}: there is no folder {}", folder.display()))
            .mend("make the folder and give it to the relay's user; under systemd, RuntimeDirectory= or StateDirectory= does")
    }
}
