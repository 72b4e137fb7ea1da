//! Randomness that is known beforehand, for sealing a vector again.

use std::convert::Infallible;

use sealpush_seal::rand_core::{TryCryptoRng, TryRng};

/// Gives these bytes and then panics: whoever seals draws exactly the 32 bytes of an ephemeral key.
pub(crate) struct Seeded<'a>(pub(crate) &'a [u8]);

impl TryRng for Seeded<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes).map(|()| u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes).map(|()| u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        let (drawn, rest) = self.0.split_at(bytes.len());
        bytes.copy_from_slice(drawn);
        self.0 = rest;
        Ok(())
    }
}

impl TryCryptoRng for Seeded<'_> {}
