//! The way out.

use sealpush::config::Egress;

use super::{Place, says};

fn egress(place: &Place, text: &str) {
    place.config(&format!("[egress]\n{text}\n"));
}

#[test]
fn the_way_out_is_straight_where_nothing_is_said() {
    assert_eq!(Place::new().load().unwrap().egress, Egress::default());
}

#[test]
fn a_proxy_has_host_and_port_and_its_credentials_in_a_file() {
    let place = Place::new();
    place.write("proxy.credentials", "relay:a pass:word\n").set_mode("proxy.credentials", 0o600);
    egress(&place, "proxy = 'http://[2001:db8::1]:3128'\nproxy_credentials_file = 'proxy.credentials'");
    let proxy = place.load().unwrap().egress.proxy.unwrap();
    assert_eq!((proxy.host.as_str(), proxy.port), ("2001:db8::1", 3128));
    assert_eq!(proxy.credentials.as_ref().unwrap().expose(), "relay:a pass:word");
    assert!(!format!("{proxy:?}").contains("pass:word"));
}

#[test]
fn what_is_no_proxy_is_refused_and_a_password_is_not_repeated() {
    let place = Place::new();
    for bad in ["https://a:1", "a:1", "http://a", "http://a:1/x", "socks5://a:1", "http://"] {
        egress(&place, &format!("proxy = '{bad}'"));
        says(&place.refusal(), &["egress.proxy", bad]);
    }
    for scheme in ["http://", "https://", ""] {
        egress(&place, &format!("proxy = '{scheme}relay:canary@a:1'"));
        let refusal = place.refusal();
        says(&refusal, &["egress.proxy", "proxy_credentials_file"]);
        assert!(!refusal.contains("canary"), "{refusal}");
    }
}

#[test]
fn credentials_without_a_proxy_or_without_a_colon_are_refused() {
    let place = Place::new();
    place.write("proxy.credentials", "canary").set_mode("proxy.credentials", 0o600);
    egress(&place, "proxy_credentials_file = 'proxy.credentials'");
    says(&place.refusal(), &["egress.proxy_credentials_file", "goes with `proxy`"]);
    egress(&place, "proxy = 'http://a:1'\nproxy_credentials_file = 'proxy.credentials'");
    let refusal = place.refusal();
    says(&refusal, &["egress.proxy_credentials_file", "`user:password`"]);
    assert!(!refusal.contains("canary"), "{refusal}");
}

#[test]
fn no_certificate_is_ordered_around_the_proxy() {
    let place = Place::new();
    let acme = "acme = { cache_dir = 'acme', domains = ['a.example'], agree_to_terms = true }";
    place.config(&format!(
        "[listen]\naddress = '[::]:443'\n[listen.tls]\n{acme}\n[egress]\nproxy = 'http://a:1'\n"
    ));
    says(&place.refusal(), &["listen.tls.acme", "[egress]"]);
}
