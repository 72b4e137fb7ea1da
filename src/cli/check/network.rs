//! `sealpush check --network`: the list of hosts and ports, for people, for programs, and for nftables.

use std::fmt::Write as _;

use serde_json::json;

use crate::cli::terminal::Terminal;
use crate::config::{Account, Destination, Purpose};
use crate::model::AppId;

/// Apple Support, "If your Apple devices aren't getting Apple push notifications": the networks that APNs is in.
const APPLE: [(&str, &str); 2] = [
    ("ip", "17.0.0.0/8"),
    ("ip6", "{ 2620:149:a44::/48, 2403:300:a42::/48, 2403:300:a51::/48, 2a01:b740:a42::/48 }"),
];

/// Prints the list.
pub(super) fn print(
    destinations: &[Destination],
    nft: bool,
    json: bool,
    terminal: &mut Terminal,
) -> anyhow::Result<()> {
    if json {
        let list: Vec<_> = destinations.iter().map(document).collect();
        return terminal.json(&json!({ "destinations": list }));
    }
    if nft {
        return Ok(terminal.text(&rules(destinations))?);
    }
    terminal.heading(format_args!("{:7}  {:32}  {:>5}  FOR", "", "HOST", "PORT"))?;
    for one in destinations {
        let protocols = protocols(one).join("+");
        terminal.line(format_args!("{protocols:7}  {:32}  {:>5}  {}", one.host, one.port, one.purpose))?;
    }
    terminal.note("Outbound; the relay opens nothing else. `--nft` prints rules, `--json` a document.")?;
    Ok(())
}

fn protocols(destination: &Destination) -> &'static [&'static str] {
    match destination.purpose {
        Purpose::Resolver => &["udp", "tcp"],
        _ => &["tcp"],
    }
}

fn document(one: &Destination) -> serde_json::Value {
    let apps: Vec<_> = one.apps.iter().map(AppId::as_str).collect();
    json!({"host": one.host, "port": one.port, "protocols": protocols(one), "purpose": one.purpose.to_string(),
           "apps": apps})
}

/// A table that lets the relay's user open these connections and no other. A firewall knows addresses, not names:
/// where the vendor does not say which networks it uses, the rule is for the port.
fn rules(destinations: &[Destination]) -> String {
    let mut text = String::from(
        "# Printed by `sealpush check --network --nft`. What the relay's user may open, and nothing else.\n\
         table inet sealpush {\n    chain output {\n        type filter hook output priority filter; policy accept;\n",
    );
    let user = Account::of_relay().map_or_else(|| "sealpush".to_owned(), |account| account.name);
    let _ = writeln!(text, "        meta skuid != \"{user}\" accept");
    text.push_str(
        "        # Answers to senders and to the operator.\n        ct state established,related accept\n",
    );
    for one in destinations {
        for protocol in protocols(one) {
            for matched in addresses(one) {
                let _ = writeln!(
                    text,
                    "        {matched}{protocol} dport {} accept comment \"{}: {}\"",
                    one.port, one.host, one.purpose
                );
            }
        }
    }
    text.push_str("        counter reject\n    }\n}\n");
    text
}

/// How a rule names the host.
fn addresses(one: &Destination) -> Vec<String> {
    if !one.has_name() {
        let family = if one.host.contains(':') { "ip6" } else { "ip" };
        return vec![format!("{family} daddr {} ", one.host)];
    }
    if one.host.ends_with(".push.apple.com") {
        return APPLE.map(|(family, networks)| format!("{family} daddr {networks} ")).to_vec();
    }
    vec![String::new()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Environment;

    fn to(host: &str, port: u16, purpose: Purpose) -> Destination {
        Destination { host: host.to_owned(), port, purpose, apps: Vec::new() }
    }

    #[test]
    fn a_rule_names_networks_where_the_vendor_does_and_else_the_port() {
        let rules = rules(&[
            to("api.push.apple.com", 443, Purpose::Apns(Environment::Production)),
            to("fcm.googleapis.com", 443, Purpose::Fcm),
            to("192.0.2.1", 53, Purpose::Resolver),
        ]);
        for line in [
            "ip daddr 17.0.0.0/8 tcp dport 443 accept comment \"api.push.apple.com: APNs\"",
            "        tcp dport 443 accept comment \"fcm.googleapis.com: FCM\"",
            "ip daddr 192.0.2.1 udp dport 53 accept",
            "ip daddr 192.0.2.1 tcp dport 53 accept",
            "counter reject",
        ] {
            assert!(rules.contains(line), "{line} is not in {rules}");
        }
    }
}
