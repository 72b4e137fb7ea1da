//! The vectors of public keys: what is taken when a key is registered or sealed to.

use super::{
    format::{PublicKeyVector, b64},
    keys::{ed25519_public, seed, x25519_public},
};

/// The order-8 coordinates of Curve25519, in hexadecimal as RFC 7748 writes coordinates.
const ORDER_8: [&str; 2] = [
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
];
/// The points of order 8 of Ed25519 with a positive x; the other two differ in the top bit.
const ED_ORDER_8: [&str; 2] = [
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
];

/// A number near the prime, little endian: 2^255 - 19 + `offset`.
fn near_prime(offset: i8) -> [u8; 32] {
    let mut bytes = [0xff; 32];
    bytes[0] = u8::try_from(0xed + i16::from(offset)).unwrap();
    bytes[31] = 0x7f;
    bytes
}

fn small(number: u8) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[0] = number;
    bytes
}

fn top_bit(mut bytes: [u8; 32]) -> [u8; 32] {
    bytes[31] |= 0x80;
    bytes
}

fn hex(text: &str) -> [u8; 32] {
    hex::decode(text).unwrap().try_into().unwrap()
}

/// Every vector of public keys.
pub fn all() -> Vec<PublicKeyVector> {
    let vector = |curve: &str, name: &str, key: String, result: &str| PublicKeyVector {
        name: name.to_owned(),
        curve: curve.to_owned(),
        key,
        result: result.to_owned(),
    };
    let x = |name, key: [u8; 32], result| vector("x25519", name, b64(&key), result);
    let ed = |name, key: [u8; 32], result| vector("ed25519", name, b64(&key), result);
    let good = x25519_public(&seed("device private key"));
    vec![
        x("a device's key", good, "taken"),
        x("the base point", small(9), "taken"),
        x("the largest number below the prime of a point that is not of low order", near_prime(-2), "taken"),
        x("zero", small(0), "low_order"),
        x("one", small(1), "low_order"),
        x("order 8, the first", hex(ORDER_8[0]), "low_order"),
        x("order 8, the second", hex(ORDER_8[1]), "low_order"),
        x("minus one", near_prime(-1), "low_order"),
        x("the prime, which is zero again", near_prime(0), "not_below_prime"),
        x("the prime and one, which is one again", near_prime(1), "not_below_prime"),
        x("the prime and nine, which is the base point again", near_prime(9), "not_below_prime"),
        x("2^255 - 1", near_prime(18), "not_below_prime"),
        x("a device's key with its top bit set", top_bit(good), "not_below_prime"),
        x("zero with its top bit set", top_bit(small(0)), "not_below_prime"),
        x("2^256 - 1", [0xff; 32], "not_below_prime"),
        vector("x25519", "31 bytes", b64(&good[..31]), "length"),
        vector("x25519", "33 bytes", b64(&[good.as_slice(), &[0]].concat()), "length"),
        vector("x25519", "no bytes", String::new(), "length"),
        vector("x25519", "padded text", b64(&good) + "=", "encoding"),
        vector("x25519", "hexadecimal text with one digit too many", hex::encode(good) + "0", "encoding"),
        ed("a sender's key", ed25519_public(&seed("sender identity key")), "taken"),
        ed("the neutral element", small(1), "low_order"),
        ed("order 2", near_prime(-1), "low_order"),
        ed("order 4", small(0), "low_order"),
        ed("order 4, negative", top_bit(small(0)), "low_order"),
        ed("order 8, the first", hex(ED_ORDER_8[0]), "low_order"),
        ed("order 8, the first, negative", top_bit(hex(ED_ORDER_8[0])), "low_order"),
        ed("order 8, the second", hex(ED_ORDER_8[1]), "low_order"),
        ed("order 8, the second, negative", top_bit(hex(ED_ORDER_8[1])), "low_order"),
        ed("y is the prime", near_prime(0), "not_below_prime"),
        ed("y is the prime and three", near_prime(3), "not_below_prime"),
        ed("y is the prime and one, negative", top_bit(near_prime(1)), "not_below_prime"),
        ed("y is two, which no point has", small(2), "not_on_curve"),
        vector("ed25519", "31 bytes", b64(&[1; 31]), "length"),
        vector("ed25519", "padded text", b64(&[1; 32]) + "=", "encoding"),
    ]
}
