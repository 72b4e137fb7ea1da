#!/bin/sh
# Fuzzes a running relay by its own description: PyPI's schemathesis reads /openapi.json and sends what the description
# allows and what it forbids. It finds server errors, statuses, media types and documents that the description does
# not know, requests that should have been refused, and calls that forget to ask who is there.
#
# The relay sends to the push simulator. Needs the network once, to install the pinned packages into .peers/api.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH= cd -- "$here/../../.." && pwd)
place=$root/.peers/api

skip() {
    echo "skipped: schemathesis: $1"
    if [ "${CI:-}" = true ]; then exit 1; fi
    exit 0
}
command -v python3 >/dev/null || skip "python3 is not installed"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || skip "$(python3 --version) is older than 3.10"
python3 -c 'import ensurepip, venv' 2>/dev/null || skip "python3 cannot make virtual environments"

mkdir -p "$place"
[ -x "$place/venv/bin/python" ] || python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
    --requirement "$here/requirements.txt"

(cd "$root" && cargo build --quiet --locked -p push-simulator -p sealpush --bins)
programs=${CARGO_TARGET_DIR:-$root/target}/debug

# A fresh relay each time: what an earlier run stored must not decide what this one finds.
rm -rf "$place/relay" "$place/simulator.json"
mkdir -p "$place/relay/apps"
"$programs/push-simulator" --folder "$place/keys" >"$place/simulator.json" &
simulator=$!
relay=
trap 'kill $simulator $relay 2>/dev/null || true' EXIT INT TERM
wait_for() {
    waited=0
    until [ -s "$1" ] && grep -q "$2" "$1"; do
        waited=$((waited + 1))
        if [ "$waited" -gt 300 ]; then
            echo "$3 does not start" >&2
            cat "$1" >&2
            exit 1
        fi
        sleep 0.1
    done
}
wait_for "$place/simulator.json" control "the simulator"

python3 "$here/configure.py" "$place/simulator.json" "$root/keys-example/storage.key" "$place/relay"
"$programs/sealpush" serve --dev --config "$place/relay/sealpush.toml" >"$place/relay/log" 2>&1 &
relay=$!
wait_for "$place/relay/log" "listening for the operator" "the relay"
RELAY=http://$(sed -n 's/.*INFO listening listener=//p' "$place/relay/log")
SENDER=$("$programs/sealpush" sender add schemathesis --dev --config "$place/relay/sealpush.toml" \
    --content-policy seal_or_omit --json)
export RELAY SENDER

failed=0
(
    cd "$here"
    PYTHONPATH=$here PYTHONDONTWRITEBYTECODE=1 SCHEMATHESIS_HOOKS=hooks "$place/venv/bin/schemathesis" run "$RELAY/openapi.json" \
        --max-examples "${SCHEMATHESIS_EXAMPLES:-25}" --seed "${SCHEMATHESIS_SEED:-20261121}" --no-color
) || failed=1
if ! kill -0 "$relay" 2>/dev/null; then
    echo "the relay did not survive:" >&2
    cat "$place/relay/log" >&2
    failed=1
fi
if [ "$failed" -eq 0 ]; then echo "ok: schemathesis finds nothing"; else echo "not ok: schemathesis found something"; fi
exit "$failed"
