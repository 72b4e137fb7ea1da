#!/bin/sh
# Holds what the relay sends against what a2 0.10.0 and fcm-rs 0.2.0 would send for the same notification (tests/oracles). The
# relay does not use them: docs/adr/0001-adapters-of-our-own.md says why.
#
# The relay's requests stand in tests/oracles/requests.json; a test of the relay keeps them true. fcm-rs wants OpenSSL's headers:
# skipped without them, which is a failure where CI=true.
set -u

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../../.." && pwd)

if ! command -v pkg-config >/dev/null || ! pkg-config --exists openssl; then
    echo "skipped: a2, fcm-rs: pkg-config finds no OpenSSL (Debian: pkg-config libssl-dev)"
    if [ "${CI:-}" = true ]; then exit 1; else exit 0; fi
fi

# Beside the other peers, not in the relay's target folder: these crates are nobody else's.
CARGO_TARGET_DIR=$root/.peers/oracles cargo run --quiet --locked --manifest-path "$root/tests/oracles/Cargo.toml"
