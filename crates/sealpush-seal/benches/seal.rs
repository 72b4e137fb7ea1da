//! What sealing and opening cost beside the arithmetic alone: `cargo bench -p sealpush-seal`.
//!
//! Prints CPU time in microseconds and the ratio to the *raw* operations. Raw sealing is what no implementation can leave
//! out: two X25519 multiplications (an ephemeral public key, and the agreement) and ChaCha20-Poly1305 over the plaintext.
//! Raw opening is one multiplication (the agreement) and ChaCha20-Poly1305. HKDF, padding and copies are therefore what
//! the ratio shows. Ed25519 stands apart, since only what the sender seals is signed. On a noisy machine compare ratios:
//! each round measures everything once, and the median of the rounds is what is printed.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench prints, and ends by panicking")]

use std::{hint::black_box, time::Duration};

use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _, aead::Aead as _};
use ed25519_dalek::{Signer as _, SigningKey};
use getrandom::SysRng;
use rustix::time::{ClockId, clock_gettime};
use sealpush_seal::{
    BUCKETS, DeliveryId, DeviceKeys, IdentityKey, Sealer, SeenInMemory, SubscriptionId,
    SubscriptionPrivateKey,
    rand_core::{Rng as _, UnwrapErr},
    seal,
};
use x25519_dalek::{PublicKey, StaticSecret};

const ROUNDS: usize = 25;
/// Repetitions within a round: some 20 ms, so that the clock's grain does not show.
const REPETITIONS: u32 = 100;
const NOW: u64 = 1_800_000_000_000;
const SUBSCRIPTION: SubscriptionId = SubscriptionId::from_bytes([5; 16]);

/// The CPU time of this process so far. Time on the wall would count what else the machine does.
fn cpu_time() -> Duration {
    clock_gettime(ClockId::ProcessCPUTime).try_into().unwrap()
}

/// Microseconds of CPU for one call, over one round.
fn measure(mut operation: impl FnMut()) -> f64 {
    let start = cpu_time();
    for _ in 0..REPETITIONS {
        operation();
    }
    cpu_time().saturating_sub(start).as_secs_f64() * 1e6 / f64::from(REPETITIONS)
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn main() {
    println!(
        "{ROUNDS} rounds of {REPETITIONS}; µs of CPU for one operation, median; ratio to the raw operations"
    );
    for bucket in BUCKETS {
        bench_bucket(bucket);
    }
}

fn bench_bucket(bucket: usize) {
    let content = vec![7; bucket - 75];
    let rng = &mut UnwrapErr(SysRng);
    let (private, identity) = (SubscriptionPrivateKey::generate(rng), IdentityKey::generate(rng));
    let key = private.public();
    let by_relay = DeviceKeys::new(SUBSCRIPTION, private.clone(), None);
    let by_sender = DeviceKeys::new(SUBSCRIPTION, private, Some(identity.public()));
    let seal_as = |sealer| {
        let rng = &mut UnwrapErr(SysRng);
        seal(&content, SUBSCRIPTION, &key, DeliveryId::random(rng), sealer, NOW, rng).unwrap()
    };
    let (unsigned, signed) = (seal_as(Sealer::Relay), seal_as(Sealer::Sender(&identity)));
    let open = |keys: &DeviceKeys, envelope| keys.open(envelope, NOW, &mut SeenInMemory::new()).unwrap();
    let (signing, message) = (SigningKey::from_bytes(&[1; 32]), vec![7; 138 + content.len()]);
    let signature = signing.sign(&message);

    let mut rounds: [Vec<f64>; 8] = Default::default();
    for _ in 0..ROUNDS {
        let round = [
            measure(|| raw_seal(key.as_bytes(), bucket)),
            measure(|| drop(black_box(seal_as(Sealer::Relay)))),
            measure(|| drop(black_box(seal_as(Sealer::Sender(&identity))))),
            measure(|| raw_open(key.as_bytes(), bucket)),
            measure(|| drop(black_box(open(&by_relay, &unsigned)))),
            measure(|| drop(black_box(open(&by_sender, &signed)))),
            measure(|| _ = black_box(signing.sign(&message))),
            measure(|| signing.verifying_key().verify_strict(&message, &signature).unwrap()),
        ];
        rounds.iter_mut().zip(round).for_each(|(times, time)| times.push(time));
    }
    let [raw_seal, seal, seal_signed, raw_open, open, open_signed, sign, verify] = rounds.map(median);
    println!("plaintext of {bucket} bytes");
    println!(
        "  seal   raw {raw_seal:6.1}   by the relay {seal:6.1} ({:.2})   and signed {seal_signed:6.1}",
        seal / raw_seal
    );
    println!(
        "  open   raw {raw_open:6.1}   by the relay {open:6.1} ({:.2})   and signed {open_signed:6.1}",
        open / raw_open
    );
    println!("  Ed25519 alone   sign {sign:6.1}   verify {verify:6.1}");
}

/// An ephemeral key, its public half, the agreement, and ChaCha20-Poly1305.
fn raw_seal(recipient: &[u8; 32], length: usize) {
    let mut seed = [0; 32];
    UnwrapErr(SysRng).fill_bytes(&mut seed);
    let ephemeral = StaticSecret::from(seed);
    black_box(PublicKey::from(&ephemeral));
    let agreed = ephemeral.diffie_hellman(&PublicKey::from(*recipient));
    black_box(cipher(agreed.as_bytes()).encrypt(&[0; 12].into(), vec![7; length].as_slice()).unwrap());
}

/// The agreement, and ChaCha20-Poly1305, whose work is the same in both directions.
fn raw_open(enc: &[u8; 32], length: usize) {
    let agreed = StaticSecret::from([3; 32]).diffie_hellman(&PublicKey::from(*enc));
    black_box(cipher(agreed.as_bytes()).encrypt(&[0; 12].into(), vec![7; length].as_slice()).unwrap());
}

fn cipher(key: &[u8; 32]) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new(key.into())
}
