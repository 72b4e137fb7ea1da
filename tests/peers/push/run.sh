#!/bin/sh
# Holds crates/push-simulator against senders that other people wrote: npm's @parse/node-apn and apns2 for APNs,
# PyPI's firebase-admin for FCM and the token endpoint. One line per check, the counts at the end; fails if a check
# does. A peer whose interpreter is missing or too old is skipped, which is a failure where CI=true.
#
# Needs the network once, to install the pinned packages into .peers/push at the root of the repository.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH= cd -- "$here/../../.." && pwd)
place=$root/.peers/push
mkdir -p "$place"

failed=0
skip() {
    echo "skipped: $1: $2"
    if [ "${CI:-}" = true ]; then failed=1; fi
}

(cd "$root" && cargo build --quiet -p push-simulator --bin push-simulator)
program=${CARGO_TARGET_DIR:-$root/target}/debug/push-simulator

# Not the file of the run before: its addresses are gone.
rm -f "$place/simulator.json"
"$program" --folder "$place/keys" >"$place/simulator.json" &
simulator=$!
trap 'kill "$simulator" 2>/dev/null || true' EXIT INT TERM
waited=0
until [ -s "$place/simulator.json" ]; do
    kill -0 "$simulator" 2>/dev/null || { echo "the simulator did not start" >&2; exit 1; }
    waited=$((waited + 1))
    [ "$waited" -le 300 ] || { echo "the simulator says nothing" >&2; exit 1; }
    sleep 0.1
done
PUSH_SIMULATOR=$(cat "$place/simulator.json")
export PUSH_SIMULATOR

# The output of every peer is kept, so that its checks can be counted.
: >"$place/output"
run() {
    "$@" >"$place/one" 2>&1 || failed=1
    cat "$place/one"
    cat "$place/one" >>"$place/output"
}

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    skip "@parse/node-apn, apns2" "node and npm are not installed"
elif [ "$(node -p 'process.versions.node.split(".")[0] >= 20')" != true ]; then
    skip "@parse/node-apn, apns2" "node $(node --version) is older than 20"
else
    cp "$here/package.json" "$here/package-lock.json" "$place/"
    (cd "$place" && npm ci --silent --no-audit --no-fund >/dev/null)
    cp "$here"/*.mjs "$place/"
    run node "$place/node_apn.mjs"
    run node "$place/apns2.mjs"
fi

if ! command -v python3 >/dev/null; then
    skip "firebase-admin" "python3 is not installed"
elif ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))'; then
    skip "firebase-admin" "$(python3 --version) is older than 3.10"
elif ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    skip "firebase-admin" "python3 cannot make virtual environments"
else
    [ -x "$place/venv/bin/python" ] || python3 -m venv "$place/venv"
    "$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
        --requirement "$here/requirements.txt"
    run "$place/venv/bin/python" "$here/firebase_admin_peer.py"
fi

passed=$(grep -c '^ok: ' "$place/output" || true)
broken=$(grep -c '^not ok: ' "$place/output" || true)
echo "$passed checks passed, $broken failed"
exit "$failed"
