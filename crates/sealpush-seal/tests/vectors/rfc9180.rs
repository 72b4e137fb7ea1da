//! RFC 9180's own vectors for suite 1 in base mode: the HPKE library under the crate, and the second implementation that
//! makes our vectors. That the crate's own calls agree is tested in `src/suite.rs`.

use hpke::{
    Deserializable as _, Kem as _, OpModeR, Serializable as _, aead::ChaCha20Poly1305, kdf::HkdfSha256,
    kem::X25519HkdfSha256 as Kem,
};
use serde_json::Value;

use crate::generate::{by_hand, keys::x25519_public};

fn base() -> Value {
    let file: Value = serde_json::from_str(include_str!("../../vectors/rfc9180.json")).unwrap();
    file["base"].clone()
}

fn hex(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

fn array<const N: usize>(value: &Value) -> [u8; N] {
    hex(value).try_into().unwrap()
}

#[test]
fn the_second_implementation_derives_what_the_rfc_derives() {
    let base = base();
    let (ephemeral, receiver) =
        (by_hand::derive_key_pair(&hex(&base["ikmE"])), by_hand::derive_key_pair(&hex(&base["ikmR"])));
    assert_eq!(x25519_public(&receiver.to_bytes()), array(&base["pkRm"]));
    assert_eq!(x25519_public(&ephemeral.to_bytes()), array(&base["enc"]));
    let dh = ephemeral.diffie_hellman(&array(&base["pkRm"]).into()).to_bytes();
    let shared_secret = by_hand::shared_secret(&dh, &array(&base["enc"]), &array(&base["pkRm"]));
    assert_eq!(shared_secret, array(&base["shared_secret"]));
    let schedule = by_hand::key_schedule(&shared_secret, &hex(&base["info"]));
    assert_eq!(schedule.context, hex(&base["key_schedule_context"]));
    assert_eq!(schedule.secret, array(&base["secret"]));
    assert_eq!(schedule.key, array(&base["key"]));
    assert_eq!(schedule.base_nonce, array(&base["base_nonce"]));
    assert_eq!(schedule.exporter_secret, array(&base["exporter_secret"]));
}

#[test]
fn the_library_derives_the_keys_and_exports_of_the_rfc_and_opens_its_first_messages() {
    let base = base();
    let (private, public) = Kem::derive_keypair(&hex(&base["ikmR"]));
    assert_eq!(
        (private.to_bytes().to_vec(), public.to_bytes().to_vec()),
        (clamped(&base["skRm"]), hex(&base["pkRm"]))
    );
    let enc = <Kem as hpke::Kem>::EncappedKey::from_bytes(&hex(&base["enc"])).unwrap();
    let info = hex(&base["info"]);
    let mut context =
        hpke::setup_receiver::<ChaCha20Poly1305, HkdfSha256, Kem>(&OpModeR::Base, &private, &enc, &info)
            .unwrap();
    for export in base["exports"].as_array().unwrap() {
        let mut exported = [0; 32];
        context.export(&hex(&export["exporter_context"]), &mut exported).unwrap();
        assert_eq!(exported, array(&export["exported_value"]));
    }
    // The context counts by itself; the file leaves gaps after sequence number 2.
    for message in base["encryptions"].as_array().unwrap().iter().take(3) {
        assert_eq!(context.open(&hex(&message["ct"]), &hex(&message["aad"])).unwrap(), hex(&message["pt"]));
    }
}

/// The RFC prints private keys as they were derived, the library as they are used.
fn clamped(private: &Value) -> Vec<u8> {
    let mut bytes = hex(private);
    bytes[0] &= 0xf8;
    bytes[31] = bytes[31] & 0x7f | 0x40;
    bytes
}
