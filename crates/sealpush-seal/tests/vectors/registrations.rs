//! The crate opens, refuses and seals the vectors of the sealed registration.

use sealpush_seal::{
    SenderId,
    registration::{SealedRegistration, open_registration, seal_registration},
};

use crate::{
    generate::format::{RegistrationVector, read, un_b64},
    opener,
    seeded::Seeded,
};

fn vectors() -> Vec<RegistrationVector> {
    read(include_str!("../../vectors/registrations.json"))
}

#[test]
fn each_registration_ends_as_its_vector_says() {
    for vector in vectors() {
        assert_eq!(opener::registration(&vector), Ok(()));
    }
}

#[test]
fn each_good_registration_is_sealed_again_and_those_in_the_usual_spelling_to_the_byte() {
    let mut to_the_byte = 0;
    for vector in vectors() {
        let (Ok(plaintext), Some(sealing)) = (opener::open_registration_vector(&vector), &vector.sealing)
        else {
            continue;
        };
        let sender: SenderId = vector.sender.parse().unwrap();
        let sealed = SealedRegistration::from_base64url(&vector.sealed_registration).unwrap();
        let keys = opener::registration_keys(&vector);
        let key = keys.iter().find(|key| key.public().key_id() == sealed.key_id()).unwrap();
        let ikm = un_b64(&sealing.ephemeral_ikm);
        let again = seal_registration(&plaintext, sender, &key.public(), &mut Seeded(&ikm)).unwrap();
        assert_eq!(open_registration(&keys, sender, &again, vector.now_ms).as_ref(), Ok(&plaintext));
        to_the_byte += usize::from(again == sealed);
    }
    assert_eq!(to_the_byte, 12, "of the good ones, 4 are spelled or padded in another way");
}
