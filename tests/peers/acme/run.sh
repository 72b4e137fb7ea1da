#!/usr/bin/env bash
# Has the relay order its certificate from Pebble, Let's Encrypt's test server: account, order, TLS-ALPN-01 challenge,
# certificate, cache. One line per check, the counts at the end; fails if a check does.
#
# Needs Go, and once the network, to build the pinned Pebble into .peers/acme at the root of the repository. Afterwards
# everything happens on loopback.
set -euo pipefail

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH= cd -- "$here/../../.." && pwd)
place=$root/.peers/acme
version=v2.10.1
mkdir -p "$place/bin"

skip() {
    echo "skipped: acme: $1"
    if [[ ${CI:-} == true ]]; then exit 1; fi
    exit 0
}
for tool in go openssl curl python3; do
    command -v "$tool" >/dev/null || skip "$tool is missing"
done
for tool in pebble pebble-challtestsrv; do
    if [[ ! -x $place/bin/$tool-$version ]]; then
        GOBIN=$place/bin go install "github.com/letsencrypt/pebble/v2/cmd/$tool@$version" ||
            skip "Pebble does not build here (Go 1.21 or newer, and once the network)"
        mv "$place/bin/$tool" "$place/bin/$tool-$version"
    fi
done
(cd "$root" && cargo build --quiet --locked --bin sealpush)
program=${CARGO_TARGET_DIR:-$root/target}/debug/sealpush

folder=$(mktemp -d)
running=()
finish() {
    for process in "${running[@]}"; do kill "$process" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$folder"
}
trap finish EXIT

# Ports that nobody has now. The challenge comes to the relay's own port, which Pebble is told.
read -r acme manage dns control tls operator < <(python3 - <<'PYTHON'
import socket
sockets = [socket.socket() for _ in range(6)]
for one in sockets:
    one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in sockets))
PYTHON
)

cd "$folder"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=Test of the relay" \
    -keyout ca.key -out ca.pem -addext "basicConstraints=critical,CA:TRUE" 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=localhost" \
    -keyout pebble.key -out pebble.csr 2>/dev/null
openssl x509 -req -in pebble.csr -CA ca.pem -CAkey ca.key -days 2 -out pebble.pem \
    -extfile <(echo "subjectAltName=DNS:localhost") 2>/dev/null
cat >pebble.json <<JSON
{"pebble": {"listenAddress": "127.0.0.1:$acme", "managementListenAddress": "127.0.0.1:$manage",
            "certificate": "pebble.pem", "privateKey": "pebble.key", "httpPort": 1, "tlsPort": $tls}}
JSON
"$place/bin/pebble-challtestsrv-$version" -defaultIPv4 127.0.0.1 -defaultIPv6 "" -dnsserver "127.0.0.1:$dns" \
    -management "127.0.0.1:$control" -http01 "" -https01 "" -tlsalpn01 "" -doh "" >dns.log 2>&1 &
running+=($!)
# Pebble loses nonces and answers slowly on purpose; the first is worth bearing, the second only takes time.
PEBBLE_VA_NOSLEEP=1 "$place/bin/pebble-$version" -config pebble.json -dnsserver "127.0.0.1:$dns" >pebble.log 2>&1 &
running+=($!)

mkdir apps
head -c 32 /dev/urandom | openssl base64 -A | tr '+/' '-_' | tr -d = >storage.key
cat >sealpush.toml <<TOML
[relay]
name = "Test"
contact = "push@example.org"
[listen]
address = "127.0.0.1:$tls"
[listen.tls.acme]
domains = ["relay.test"]
contact = ["mailto:push@example.org"]
agree_to_terms = true
cache_dir = "acme"
directory_url = "https://localhost:$acme/dir"
ca_file = "ca.pem"
[operator]
address = "127.0.0.1:$operator"
[storage]
key_file = "storage.key"
[logs]
level = "trace"
TOML

failed=0
checks=0
check() {
    checks=$((checks + 1))
    if [[ $2 == true ]]; then echo "ok: $1"; else failed=$((failed + 1)); echo "not ok: $1"; fi
}
issuer() {
    openssl s_client -connect "127.0.0.1:$tls" -servername relay.test </dev/null 2>/dev/null |
        openssl x509 -noout -issuer 2>/dev/null || true
}
start() {
    "$program" serve --dev --config sealpush.toml >>relay.log 2>&1 &
    relay=$!
    running+=("$relay")
    for _ in $(seq 300); do
        if [[ $(issuer) == *Pebble* ]]; then return; fi
        sleep 0.2
    done
}
issued() { grep -c "Issued certificate" pebble.log || true; }

start
check "Pebble issued a certificate, and the relay shows it" "$([[ $(issuer) == *Pebble* ]] && echo true)"
for _ in $(seq 50); do
    ready=$(curl -s "http://127.0.0.1:$operator/readyz" || true)
    [[ $ready == *'"ends_at":"2'* ]] && break
    sleep 0.1
done
check "/readyz says when it ends" "$([[ $ready == *'"ends_at":"2'* && $ready == *'"ready":true'* ]] && echo true)"
check "the cache is its owner's alone" "$([[ $(stat -c %a acme) == 700 ]] && echo true)"
curl -s "http://127.0.0.1:$operator/metrics" >metrics.txt
echo "$ready" >ready.txt
# The middle of each key as bytes, in hexadecimal, and in base64 at each of the three places in a group.
check "neither key is in the log (at trace), the metrics or /readyz" "$(python3 - <<'PYTHON'
import base64, glob, pathlib

shown = b"".join(pathlib.Path(name).read_bytes() for name in ("relay.log", "metrics.txt", "ready.txt"))
assert b"the certificate is in use" in shown, "nothing was read"
keys = []
for name in glob.glob("acme/cached_*"):
    content = pathlib.Path(name).read_bytes()
    if b"-----BEGIN" in content:
        content = base64.b64decode(b"".join(content.split(b"-----")[2].split()))
    keys.append(content)
assert len(keys) == 2, keys
for key in keys:
    # PKCS #8 of P-256 (RFC 5915): the private number is at 36..68.
    core = key[36:68]
    spellings = [core, core.hex().encode(), core.hex().upper().encode()]
    for before in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            spellings.append(encode(bytes(before) + core)[4:40])
    assert not any(spelling in shown for spelling in spellings), "a key is in it"
print("true", end="")
PYTHON
)"
check "a client without SNI of the relay gets no challenge" \
    "$(openssl s_client -connect "127.0.0.1:$tls" -alpn acme-tls/1 -servername other.test </dev/null 2>&1 | grep -q 'BEGIN CERTIFICATE' || echo true)"

before=$(issued)
kill "$relay"
wait "$relay" || true
start
check "after a restart the certificate comes from the cache" \
    "$([[ $(issuer) == *Pebble* && $(issued) == "$before" && $before -ge 1 ]] && echo true)"

if ((failed)); then
    echo "== relay.log =="; tail -20 relay.log
    echo "== pebble.log =="; tail -20 pebble.log
fi
exit "$((failed > 0))"
