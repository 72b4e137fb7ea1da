#!/bin/sh
# Lets the relay send to an APNs that other people wrote: MockApnsServer of pushy (Maven Central, com.eatthepath:pushy) with its
# validating handler, which checks provider tokens, topics, push types, priorities, ids and device tokens.
#
# A Java program makes keys and a certificate, starts two such servers (production and sandbox) and the built `sealpush serve`
# with a config that points at them, registers devices, sends through the relay's API, and holds every outcome against
# docs/API.md. Works in .peers/apns-server at the root of the repository. One line per check, the counts at the end; fails if a
# check does. Skipped where there is no JDK 17 with Maven, which is a failure where CI=true.
set -u

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../../.." && pwd)
work=$root/.peers/apns-server
mkdir -p "$work"

skip() {
    echo "skipped: pushy: $1"
    if [ "${CI:-}" = true ]; then exit 1; else exit 0; fi
}

command -v javac >/dev/null && command -v keytool >/dev/null || skip "there is no JDK"
command -v mvn >/dev/null || skip "there is no mvn"
java --version 2>/dev/null | awk 'NR == 1 { split($2, v, "."); exit v[1] < 17 }' || skip "java is older than 17"

if ! mvn --batch-mode --quiet --file "$here/java/pom.xml" "-Dpeer.target=$work/java" \
    compile dependency:copy-dependencies "-DoutputDirectory=$work/java/lib" >"$work/maven.log" 2>&1; then
    echo "not ok: pushy: could not be set up:"
    cat "$work/maven.log"
    exit 1
fi

(cd "$root" && cargo build --quiet --locked --bin sealpush) || exit 1
program=${CARGO_TARGET_DIR:-$root/target}/debug/sealpush

# Not the database and keys of the run before.
rm -rf "$work/relay"
java -cp "$work/java/classes:$work/java/lib/*" sealpush.peer.Check \
    "$program" "$work/relay" "$root/crates/sealpush-seal/vectors/envelopes.json"
