//! The commented examples, made from the defaults in code so that they cannot lie.

use super::Config;
use super::limits::LimitsText;
use super::outcomes::OutcomesText;
use super::push_services::PushServicesText;
use super::retention::RetentionText;

const HEAD: &str = r#"# Sealpush: the push relay that cannot read your notifications.
#
# Printed by `sealpush config example`; `sealpush config check` reads it back. Relative paths begin at the
# directory of this file. A key that is commented out shows its default. Unknown keys are refused.

# Each app is one file <apps_dir>/<id>.toml; `sealpush app add` writes it.
# apps_dir = "apps"

# What the relay says of itself to everybody, at GET /v1/relay.
[relay]
name = "Example push relay"
# How to reach you: an e-mail address or a page.
contact = "push@example.org"
# The address at which senders and apps reach the relay.
# public_url = "https://push.example.org"
# Where it runs (ISO 3166-1), your terms, your privacy notice.
# country = "DE"
# terms_url = "https://example.org/terms"
# privacy_url = "https://example.org/privacy"
# Where the source of what you run is, so that others can check what GET /v1/privacy says of it.
# source_url = "https://example.org/sealpush"
# The loosest treatment of content that you allow: "sealed_only" takes sealed envelopes and content-free
# notifications only; "seal_or_omit" lets the relay seal what senders cannot seal, or leave it out;
# "clear_allowed" lets content pass readable where app and sender say so too.
# content_policy = "seal_or_omit"

# Where senders and apps reach the relay. Plain HTTP is taken on loopback and on a Unix socket only, behind
# a reverse proxy that ends TLS. Write [[listen]] for several.
[listen]
address = "127.0.0.1:8480"
# unix_socket = "/run/sealpush/http.sock"    (in place of `address`)
# unix_socket_mode = "0666"
# systemd_socket = "sealpush.socket"    (in place of `address`: the name of a socket unit)
# Proxies whose word counts about where a request comes from: addresses, networks, "unix". Only their
# X-Forwarded-For counts ("forwarded": RFC 7239's header), up to the first address that is no trusted proxy.
# trusted_proxies = []
# client_header = "x-forwarded-for"
# tls = { certificate = "fullchain.pem", key = "tls.key" }
#   Renewed files are read by themselves. Only clients with a certificate of this authority get in (or "optional"):
# tls = { certificate = "…", key = "…", client_ca_file = "clients.pem", client_certificate = "required" }
#   The relay gets its own certificate on port 443 (ACME, by default from Let's Encrypt, whose terms you agree to):
# tls = { acme = { domains = ["push.example.org"], contact = ["mailto:you@example.org"], cache_dir = "/var/lib/sealpush/acme", agree_to_terms = false } }
#   `directory_url` and `ca_file` in it name another authority.

# Where you reach the relay: metrics and readiness over HTTP, and the admin API with an operator's token
# (`sealpush operator token add`); other machines need TLS, and the token for everything. Administrative commands
# go over a Unix socket that only the relay's user may open (default: operator.sock beside the database).
[operator]
# address = "127.0.0.1:8481"
# tls = { certificate = "fullchain.pem", key = "tls.key" }
# socket = "/run/sealpush/operator.sock"

# Who may become a sender, besides those that you add: "invite" takes servers with a single-use code of yours
# (`sealpush sender invite`), "open" takes whoever asks. Of those, who has no subscription and was not used for so many
# days is erased; 0: nobody.
[admission]
# mode = "invite"
# unused_days = 90

# What the relay must remember. Device tokens in it are encrypted under the key, which `sealpush keys generate storage`
# makes. Keep a copy of the key elsewhere: without it the database is worthless.
[storage]
# path = "sealpush.db"
key_file = "storage.key"

# With these the relay takes sealed registrations: an app hands one to its own server, which never learns the
# device token. `sealpush keys generate registration` makes both files, and prints the public half of the long-term key,
# which goes into your app; `sealpush keys rotate registration` renews the ring, which is needed once a year.
# [registration_keys]
# long_term_key_file = "long-term.key"
# ring_file = "registration-keys.json"
"#;

const EGRESS: &str = r#"# How the relay reaches push services and token endpoints, where that is not straight through. All optional.
[egress]
# A proxy that opens tunnels (HTTP CONNECT), and nothing but this proxy; it sees hosts, times and sizes.
# proxy = "http://proxy.example.org:3128"
# One line, `user:password`, where it asks for them.
# proxy_credentials_file = "proxy.credentials"
# The address of this machine from which connections begin.
# bind_address = "192.0.2.10"
"#;

const SHARING: &str = r#"# What senders may let the relay record of their usage, each by the decision of its own administrator: nothing of this is
# on by itself, and nothing here switches it on. "locked_off" locks it for everybody, and erases what was shared before
# (`sharing = "locked_off"` at the head of this file is short for it).
[sharing]
# mode = "offered"
# How many devices must be behind a count for it to be written, 5 to 1000.
# least_devices = 5
# For how many days figures are kept, 1 to 400.
# keep_days = 90
"#;

const LOGS: &str = r#"# What the relay writes to standard error. No level brings tokens, credentials, addresses or content into it.
[logs]
# "human" or "json"
# format = "human"
# "error", "warn", "info", "debug" or "trace"
# level = "info"
# A line for each request, of the level info: method, route, status, seconds and the number of its answer. Never an
# address, an id, a query or a header. Off unless you need it.
# access = false
"#;

const APP: &str = r#"# One client app. The file is called after its id: <apps_dir>/chat.toml. `sealpush app add` writes it.
id = "chat"
# Whether a device must prove that a token is its own, by echoing a code that comes through its push service:
# "required", or "off" for an app that cannot do so yet. With "off", whoever knows a device token can register it.
# confirm = "required"
# Shown where there is no content, or before the app has opened it. At most 128 bytes.
# placeholder = "New notification"
# The loosest treatment of content for this app; see [relay] in the config.
# content_policy = "seal_or_omit"
# Whether senders may set the badge and name a sound, both of which the push service sees.
# badge = false
# sound = false

# From Apple's developer account: Certificates, Identifiers & Profiles, Keys, Apple Push Notifications service.
[apns]
team_id = "TEAM000001"
key_id = "KEY0000001"
key_file = "chat-apns.p8"
# The bundle id.
topic = "org.example.chat"
# environments = ["production", "sandbox"]

# From the Firebase console: project settings, service accounts, generate new private key. A role with
# cloudmessaging.messages.create alone is enough.
[fcm]
service_account_file = "chat-fcm-service-account.json"
"#;

impl Config {
    /// A commented config file with every key.
    #[must_use]
    pub fn example() -> String {
        let outcomes = format!(
            "\
# How long the relay remembers how deliveries ended, 0 to 672 hours. With 0 it forgets at once, and a sender
# that repeats a notification sends it twice.
[outcomes]
# keep_hours = {}
",
            OutcomesText::default().keep_hours
        );
        let retention = RetentionText::default().example();
        let limits = LimitsText::default().example();
        let push_services = PushServicesText::default().example();
        [HEAD, &outcomes, &retention, SHARING, &limits, &push_services, EGRESS, LOGS].join("\n")
    }

    /// A commented app file with every key.
    #[must_use]
    pub fn example_app() -> String {
        APP.to_owned()
    }
}
