#!/bin/sh
# Compiles the Kotlin opener that docs/APPS.md shows (Tink for HPKE and Ed25519), and does with every envelope of the seal
# crate's vectors what the vector says. Android itself is not needed: the opener is plain Kotlin.
#
# Works in .peers/android at the root of the repository. Fails if a vector is not done justice; skipped where there is no JDK 17
# with Maven, which is a failure where CI=true.
set -u

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../../.." && pwd)
work=$root/.peers/android
mkdir -p "$work"

skip() {
    echo "skipped: Kotlin: $1"
    if [ "${CI:-}" = true ]; then exit 1; else exit 0; fi
}

command -v javac >/dev/null || skip "there is no JDK"
command -v mvn >/dev/null || skip "there is no mvn"
java --version 2>/dev/null | awk 'NR == 1 { split($2, v, "."); exit v[1] < 17 }' || skip "java is older than 17"

if ! mvn --batch-mode --quiet --file "$here/kotlin/pom.xml" "-Dpeer.target=$work/kotlin" \
    compile dependency:copy-dependencies "-DoutputDirectory=$work/kotlin/lib" >"$work/maven.log" 2>&1; then
    echo "not ok: Kotlin: the opener does not compile:"
    cat "$work/maven.log"
    exit 1
fi

java -cp "$work/kotlin/classes:$work/kotlin/lib/*" sealpush.peer.CheckKt "$root/crates/sealpush-seal/vectors"
