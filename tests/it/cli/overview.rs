//! The screen with which `serve` starts, and which `config show` prints: what a config comes to.

use super::Terminal;
use crate::config::says;

/// The config with `text` and nothing else that is said.
fn shown(text: &str) -> String {
    let terminal = Terminal::new();
    terminal.place.write("proxy.credentials", "relay:c4nary-password\n");
    terminal.place.set_mode("proxy.credentials", 0o600).config(text);
    terminal.ok(&["config", "show", "--dev"])
}

#[test]
fn serve_begins_with_the_same_screen() {
    let terminal = Terminal::new();
    let _relay = terminal.serve();
    let shown = terminal.ok(&["config", "show", "--dev"]);
    assert_eq!(terminal.run(&["serve", "--dev"]).out, shown);
}

#[test]
fn what_is_off_by_default_takes_no_line() {
    let shown = shown("");
    assert!(shown.lines().count() <= 20, "{shown}");
    for off in
        ["HTTPS", "ordered", "believed", "through the proxy", "way out", "client_ca_file", "whoever asks"]
    {
        assert!(!shown.contains(off), "{off} is in {shown}");
    }
    says(&shown, &["127.0.0.1:8480 (plain HTTP, for a proxy on this machine)", "http://127.0.0.1:8481"]);
    says(&shown, &["by apps alone; with [registration_keys]", "confirm off"]);
}

#[test]
fn it_says_which_certificate_a_listener_shows_and_asks_for() {
    let tls = "certificate = 'tls.pem', key = 'tls.key', client_ca_file = 'tls.pem'";
    let shown = shown(&format!(
        "[[listen]]\naddress = '[::]:443'\ntls = {{ {tls} }}\n[[listen]]\naddress = '[::]:444'\n\
         tls = {{ {tls}, client_certificate = 'optional' }}\n[operator]\naddress = '10.0.0.1:8481'\n\
         tls = {{ certificate = 'tls.pem', key = 'tls.key' }}\n"
    ));
    says(&shown, &["[::]:443 (HTTPS)", "tls.pem, read again when it changes", "https://10.0.0.1:8481"]);
    says(&shown, &["only clients with a certificate of client_ca_file", "may show a certificate"]);
}

#[test]
fn it_says_which_certificate_is_ordered_and_where() {
    let shown = shown(
        "[listen]\naddress = '[::]:443'\n[listen.tls.acme]\ncache_dir = 'acme'\nagree_to_terms = true\n\
         domains = ['push.example.org', 'push.example.com']\n",
    );
    let ordered =
        "push.example.org, push.example.com ordered from https://acme-v02.api.letsencrypt.org/directory";
    says(&shown, &["[::]:443 (HTTPS)", ordered]);
}

#[test]
fn it_says_who_is_believed_about_clients() {
    let shown = shown(
        "[listen]\nunix_socket = 'relay.sock'\ntrusted_proxies = ['10.0.0.0/8', 'unix']\nclient_header = 'forwarded'\n",
    );
    says(&shown, &["relay.sock (plain HTTP", "10.0.0.0/8, unix are believed what Forwarded says"]);
}

#[test]
fn it_says_how_the_relay_gets_out_and_shows_no_password() {
    let shown = shown(
        "[egress]\nproxy = 'http://proxy.example:3128'\nproxy_credentials_file = 'proxy.credentials'\n\
         bind_address = '192.0.2.7'\n[push_services]\nca_file = 'tls.pem'\n",
    );
    says(
        &shown,
        &["through the proxy proxy.example, port 3128 with credentials, and by no other way, from 192.0.2.7"],
    );
    says(&shown, &["trusting push_services.ca_file alone"]);
    assert!(!shown.contains("c4nary"), "{shown}");
}

#[test]
fn it_says_who_becomes_a_sender_and_how_registrations_come() {
    let shown = shown(
        "[admission]\nmode = 'open'\n[registration_keys]\nlong_term_key_file = 'long-term.key'\n\
         ring_file = 'registration-keys.json'\n",
    );
    says(
        &shown,
        &["whoever asks becomes one, without an invite", "sealed by way of servers (", "the last until 20"],
    );
}
