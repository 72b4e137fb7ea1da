//! The names of the sockets that a service manager passed to this process (systemd's `sd_listen_fds(3)`).

/// The names of the sockets, in their order: `FileDescriptorName=` of the socket unit, else the unit's own name.
#[must_use]
pub fn passed_socket_names() -> Vec<String> {
    #[expect(clippy::disallowed_methods, reason = "config is the only reader of the environment")]
    let names = std::env::var("LISTEN_FDNAMES").unwrap_or_default();
    names.split(':').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}
