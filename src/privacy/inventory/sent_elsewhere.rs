//! What goes to hosts that are no push service: the operator's own proxy, a certificate authority, a name server.

use super::{Entry, EntryKind, Ground, Reader};

const TO_PROXY: Entry = Entry {
    kind: EntryKind::Sent,
    place: "the operator's proxy",
    name: "",
    what: "",
    purpose: "",
    stored: None,
    ground: Ground::Safety,
    kept: "by the relay not at all; by the proxy as its operator has it",
    switched_on_by: "`[egress] proxy` in the config",
    shown_to: &[Reader::EgressProxy],
    file: "src/push_services/tunnel.rs",
};

const TO_AUTHORITY: Entry = Entry {
    place: "the certificate authority",
    kept: "by the relay not at all; by the authority as its terms say. Certificates are public",
    switched_on_by: "`tls.acme` in the config",
    shown_to: &[Reader::CertificateAuthority],
    file: "src/config/acme.rs",
    ..TO_PROXY
};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        name: "CONNECT",
        what: "host and port of a push service",
        purpose: "the proxy opens a tunnel to it, through which TLS goes end to end",
        ..TO_PROXY
    },
    Entry { name: "host", what: "the same", purpose: "HTTP asks for it", ..TO_PROXY },
    Entry {
        name: "proxy-authorization",
        what: "user and password from the operator's file",
        purpose: "the proxy lets the relay in",
        switched_on_by: "`[egress] proxy_credentials_file` in the config",
        ..TO_PROXY
    },
    Entry {
        name: "domains",
        what: "the names of the relay",
        purpose: "the certificate is for them",
        shown_to: &[Reader::CertificateAuthority, Reader::Anyone],
        ..TO_AUTHORITY
    },
    Entry {
        name: "contact",
        what: "the operator's address for the authority",
        purpose: "the authority warns of what goes wrong",
        ..TO_AUTHORITY
    },
    Entry {
        name: "public keys",
        what: "of the relay's account and of its certificate",
        purpose: "the authority knows who orders, and signs the key",
        shown_to: &[Reader::CertificateAuthority, Reader::Anyone],
        file: "src/server/acme.rs",
        ..TO_AUTHORITY
    },
    Entry {
        name: "user-agent",
        what: "name and release of the library that orders (rustls-acme)",
        purpose: "RFC 8555 asks for it",
        file: "src/server/acme.rs",
        ..TO_AUTHORITY
    },
    Entry {
        place: "the system's name server",
        name: "names",
        what: "the hosts that the config names, and no other",
        purpose: "their addresses are found",
        kept: "by the relay not at all; by the name server as its operator has it",
        switched_on_by: "a host in the config that is a name, without a proxy",
        file: "src/push_services/dialer.rs",
        ..TO_PROXY
    },
];
