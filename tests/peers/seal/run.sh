#!/bin/sh
# Holds the seal crate against software that is not ours, both ways: each peer does with every vector what the vector says,
# then seals messages, which the crate opens. See README.md.
#
# Works in .peers/ at the root of the repository. Prints one line for each check and ends with failure if one failed. A peer
# whose platform is missing or too old is skipped, which is a failure too where CI=true.
set -u

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../../.." && pwd)
vectors=$root/crates/sealpush-seal/vectors
work=$root/.peers/seal
failed=0
sealed=
mkdir -p "$work"

# The reason why a peer cannot run; CI has every platform, so there it is a failure.
skipped() {
    echo "skipped: $1: $2"
    if [ "${CI:-}" = true ]; then failed=1; fi
}

# check NAME COMMAND...: the command checks the vectors and writes what it sealed to $work/NAME.json.
check() {
    name=$1
    shift
    rm -f "$work/$name.json"
    "$@" "$vectors" "$work/$name.json" || failed=1
    if [ -f "$work/$name.json" ]; then
        sealed="$sealed $name"
    else
        echo "failed: $name sealed nothing"
        failed=1
    fi
}

# setup NAME COMMAND...: prepares a peer, quietly; that this fails where the platform is there is a failure, not a skip.
setup() {
    name=$1
    shift
    if "$@" >"$work/$name.log" 2>&1; then return 0; fi
    echo "failed: $name could not be set up:"
    cat "$work/$name.log"
    failed=1
    return 1
}

setup_python() {
    python3 -m venv "$work/python" && "$work/python/bin/pip" install --quiet --requirement "$here/python/requirements.txt"
}

setup_node() {
    mkdir -p "$work/node" &&
        cp "$here/node/package.json" "$here/node/package-lock.json" "$here/node/check.mjs" "$work/node/" &&
        (cd "$work/node" && npm ci --ignore-scripts --no-audit --no-fund)
}

setup_java() {
    mvn --batch-mode --quiet --file "$here/java/pom.xml" "-Dpeer.target=$work/java" \
        compile dependency:copy-dependencies "-DoutputDirectory=$work/java/lib"
}

if ! command -v python3 >/dev/null; then
    skipped cryptography "there is no python3"
elif ! python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    skipped cryptography "python3 is older than 3.11 or has no venv"
elif setup python setup_python; then
    check python "$work/python/bin/python" "$here/python/check.py"
fi

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    skipped hpke-js "there is no node with npm"
elif ! node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)'; then
    skipped hpke-js "node is older than 20"
elif setup node setup_node; then
    check node node "$work/node/check.mjs"
fi

if ! command -v java >/dev/null || ! command -v mvn >/dev/null; then
    skipped Tink "there is no java with mvn"
elif ! java --version 2>/dev/null | awk 'NR == 1 { split($2, v, "."); exit v[1] < 17 }'; then
    skipped Tink "java is older than 17"
elif setup java setup_java; then
    check java java -cp "$work/java/classes:$work/java/lib/*" sealpush.peer.Check
fi

# What the peers sealed; the list is of names without spaces.
if [ -n "$sealed" ]; then
    set --
    for name in $sealed; do set -- "$@" "$work/$name.json"; done
    (cd "$root" && cargo run --quiet --package sealpush-seal --example open_peers -- "$@") || failed=1
fi

if [ "$failed" -ne 0 ]; then echo "failed"; else echo "passed"; fi
exit "$failed"
