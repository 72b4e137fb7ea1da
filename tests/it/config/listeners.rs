//! Where the relay may listen.

use sealpush::config::{CertificateFiles, ClientMode, ListenAt, TlsCertificate};

use super::{Place, says};

/// The certificate of the one listener.
fn certificate(place: &Place) -> CertificateFiles {
    match place.load().unwrap().listen.remove(0).tls.unwrap().certificate {
        TlsCertificate::Files(files) => files,
        TlsCertificate::Acme(_) => panic!("the certificate is in files"),
    }
}

#[test]
fn plain_http_beyond_loopback_is_refused_with_the_two_ways_out() {
    for address in ["0.0.0.0:80", "192.0.2.1:8480", "[::]:8480"] {
        let place = Place::new();
        place.config(&format!("[listen]\naddress = '{address}'\n"));
        says(&place.refusal(), &["listen.address", address, "without TLS", "tls = {", "reverse proxy"]);
    }
}

#[test]
fn tls_may_listen_everywhere() {
    let place = Place::new();
    place.config("[listen]\naddress = '[::]:443'\ntls = { certificate = 'tls.pem', key = 'tls.key' }\n");
    assert_eq!(certificate(&place).certificates.len(), 1);
}

#[test]
fn a_tls_key_does_not_print() {
    let place = Place::new();
    place.config("[listen]\naddress = '[::]:443'\ntls = { certificate = 'tls.pem', key = 'tls.key' }\n");
    let listen = place.load().unwrap().listen;
    let files = certificate(&place);
    let key = files.key.secret_der();
    let shown = format!("{listen:?}");
    assert!(shown.contains("elided"), "{shown}");
    assert!(!shown.contains(&format!("{key:?}").trim_matches(['[', ']']).to_owned()), "{shown}");
}

#[test]
fn certificate_and_key_in_each_others_place_are_refused() {
    for (tls, key) in [
        ("certificate = 'tls.key', key = 'tls.key'", "listen.tls.certificate"),
        ("certificate = 'tls.pem', key = 'tls.pem'", "listen.tls.key"),
    ] {
        let place = Place::new();
        place.config(&format!("[listen]\naddress = '[::]:443'\ntls = {{ {tls} }}\n"));
        says(&place.refusal(), &[key, "PEM"]);
    }
}

#[test]
fn a_certificate_with_another_ones_key_is_refused() {
    let place = Place::new();
    place.write("tls.key", &rcgen::KeyPair::generate().unwrap().serialize_pem());
    place.config("[listen]\naddress = '[::]:443'\ntls = { certificate = 'tls.pem', key = 'tls.key' }\n");
    says(&place.refusal(), &["listen.tls:", "not the first certificate's"]);
}

#[test]
fn several_listeners_stand_beside_each_other() {
    let place = Place::new();
    place.config("[[listen]]\naddress = '127.0.0.1:0'\n[[listen]]\nunix_socket = 'http.sock'\n");
    let listen = place.load().unwrap().listen;
    assert_eq!(listen[1].at, ListenAt::Unix { path: place.path("http.sock"), mode: 0o666 });
    assert_eq!(listen.len(), 2);
}

#[test]
fn a_listener_is_one_thing() {
    for text in [
        "address = '127.0.0.1:1'\nunix_socket = 'a.sock'\n",
        "tls = { certificate = 'tls.pem', key = 'tls.key' }\n",
    ] {
        let place = Place::new();
        place.config(&format!("[listen]\n{text}"));
        says(&place.refusal(), &["listen: needs either `address` or `unix_socket`"]);
    }
}

#[test]
fn a_unix_socket_takes_no_tls_and_no_endless_path() {
    let place = Place::new();
    place.config("[listen]\nunix_socket = 'a.sock'\ntls = { certificate = 'tls.pem', key = 'tls.key' }\n");
    says(&place.refusal(), &["listen.tls", "Unix socket"]);
    place.config(&format!("[listen]\nunix_socket = '{}.sock'\n", "a".repeat(110)));
    says(&place.refusal(), &["listen.unix_socket", "107 bytes"]);
}

#[test]
fn a_socket_never_takes_the_place_of_another_file() {
    let place = Place::new();
    place.config("[operator]\nsocket = 'storage.key'\n");
    says(&place.refusal(), &["operator.socket", "storage.key", "is no socket"]);
    place.config("[listen]\nunix_socket = 'apps'\n");
    says(&place.refusal(), &["listen.unix_socket", "is no socket"]);
    place.config("[operator]\nsocket = 'left-behind.sock'\n");
    drop(std::os::unix::net::UnixListener::bind(place.path("left-behind.sock")).unwrap());
    place.load().unwrap();
}

#[test]
fn the_operators_listener_leaves_loopback_with_tls_only() {
    let place = Place::new();
    place.config("[operator]\naddress = '0.0.0.0:8481'\n");
    says(&place.refusal(), &["operator.address", "without TLS", "operator tokens", "127.0.0.1"]);
    place
        .config("[operator]\naddress = '0.0.0.0:8481'\ntls = { certificate = 'tls.pem', key = 'tls.key' }\n");
    assert!(place.load().unwrap().operator.tls.is_some());
}

#[test]
fn the_operators_certificate_is_named_at_its_own_key() {
    let place = Place::new();
    place.config("[operator]\ntls = { certificate = 'tls.key', key = 'tls.key' }\n");
    says(&place.refusal(), &["operator.tls.certificate", "PEM"]);
}

/// A listener on every address, with this in `[listen.tls]`.
fn tls(place: &Place, text: &str) {
    place.config(&format!("[listen]\naddress = '[::]:443'\n[listen.tls]\n{text}\n"));
}

#[test]
fn a_listener_asks_for_client_certificates_where_it_knows_their_authority() {
    let place = Place::new();
    for (text, mode) in
        [("", ClientMode::Required), ("client_certificate = 'optional'", ClientMode::Optional)]
    {
        tls(&place, &format!("certificate = 'tls.pem'\nkey = 'tls.key'\nclient_ca_file = 'tls.pem'\n{text}"));
        let clients = place.load().unwrap().listen.remove(0).tls.unwrap().clients.unwrap();
        assert_eq!((clients.mode, clients.roots.len()), (mode, 1));
    }
    tls(&place, "certificate = 'tls.pem'\nkey = 'tls.key'\nclient_certificate = 'required'");
    says(&place.refusal(), &["listen.tls.client_certificate", "client_ca_file"]);
}

/// The least that orders a certificate, and `more`.
fn acme(place: &Place, more: &str) {
    tls(place, &format!("acme = {{ cache_dir = 'acme', {more} }}"));
}

#[test]
fn a_certificate_is_ordered_where_the_terms_were_agreed_to() {
    let place = Place::new();
    acme(&place, "domains = ['push.example.org'], agree_to_terms = true, contact = ['mailto:a@b']");
    let tls = place.load().unwrap().listen.remove(0).tls.unwrap();
    let TlsCertificate::Acme(acme_of) = tls.certificate else { panic!("the certificate is ordered") };
    assert_eq!(acme_of.domains, ["push.example.org"]);
    assert_eq!(acme_of.directory, "https://acme-v02.api.letsencrypt.org/directory");
    acme(&place, "domains = ['push.example.org']");
    says(&place.refusal(), &["listen.tls.acme.agree_to_terms", "must be true", "letsencrypt"]);
}

#[test]
fn what_an_acme_authority_would_refuse_is_refused_before() {
    let place = Place::new();
    for (more, parts) in [
        ("domains = []", ["listen.tls.acme.domains", "is empty"]),
        ("domains = ['*.example.org']", ["listen.tls.acme.domains", "`*.example.org`"]),
        ("domains = ['a b']", ["listen.tls.acme.domains", "`a b`"]),
        ("domains = ['a.example'], contact = ['a@b']", ["listen.tls.acme.contact", "mailto:"]),
        ("domains = ['a.example'], directory_url = 'http://a'", ["directory_url", "https://"]),
    ] {
        acme(&place, &format!("agree_to_terms = true, {more}"));
        says(&place.refusal(), &parts);
    }
}

#[test]
fn a_certificate_comes_from_files_or_from_an_authority() {
    let place = Place::new();
    for text in ["certificate = 'tls.pem'", "key = 'tls.key'", ""] {
        tls(&place, text);
        says(&place.refusal(), &["listen.tls", "either `certificate` and `key`, or `acme`"]);
    }
}

#[test]
fn proxies_are_believed_where_they_are_named_and_never_everybody() {
    let place = Place::new();
    place
        .config("[listen]\naddress = '127.0.0.1:0'\ntrusted_proxies = ['10.0.0.0/8', '127.0.0.1', 'unix']\n");
    let proxies = place.load().unwrap().listen.remove(0).trusted_proxies;
    for (peer, trusted) in
        [("10.1.2.3", true), ("::ffff:10.1.2.3", true), ("127.0.0.1", true), ("11.0.0.1", false)]
    {
        assert_eq!(proxies.trusts(Some(peer.parse().unwrap())), trusted, "{peer}");
    }
    assert!(proxies.trusts(None));
    for (name, parts) in [("0.0.0.0/0", "everybody"), ("::/0", "everybody"), ("nginx", "neither an address")]
    {
        place.config(&format!("[listen]\naddress = '127.0.0.1:0'\ntrusted_proxies = ['{name}']\n"));
        says(&place.refusal(), &["listen.trusted_proxies", name, parts]);
    }
}

#[test]
fn a_socket_has_the_mode_that_was_written() {
    let place = Place::new();
    place.config("[listen]\nunix_socket = 'a.sock'\nunix_socket_mode = '0660'\n");
    assert_eq!(
        place.load().unwrap().listen[0].at,
        ListenAt::Unix { path: place.path("a.sock"), mode: 0o660 }
    );
    for mode in ["0060", "rw", "1777", ""] {
        place.config(&format!("[listen]\nunix_socket = 'a.sock'\nunix_socket_mode = '{mode}'\n"));
        says(&place.refusal(), &["listen.unix_socket_mode", mode, "0660"]);
    }
    place.config("[listen]\naddress = '127.0.0.1:0'\nunix_socket_mode = '0660'\n");
    says(&place.refusal(), &["listen.unix_socket_mode", "goes with `unix_socket`"]);
}

#[test]
fn a_listener_can_be_a_socket_that_systemd_passes() {
    let place = Place::new();
    place.config("[listen]\nsystemd_socket = 'sealpush.socket'\n");
    assert_eq!(place.load().unwrap().listen[0].at, ListenAt::Passed("sealpush.socket".to_owned()));
}
