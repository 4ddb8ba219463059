// SPDX-License-Identifier: GPL-2.0

//! Things of which there is one at a time.

use core::sync::atomic::{AtomicBool, Ordering};

use crate::prelude::*;

/// A flag that one holder at a time has raised.
pub struct Claimed(AtomicBool);

impl Default for Claimed {
    fn default() -> Self {
        Claimed::new()
    }
}

impl Claimed {
    /// Nobody holds it.
    pub const fn new() -> Self {
        Claimed(AtomicBool::new(false))
    }

    /// Raises the flag until the claim is dropped. `EBUSY` if somebody has.
    pub fn claim(&'static self) -> Result<Claim> {
        match self.0.swap(true, Ordering::AcqRel) {
            true => Err(EBUSY),
            false => Ok(Claim(self)),
        }
    }
}

/// The right to a [`Claimed`]; the flag is cleared when this is dropped.
pub struct Claim(&'static Claimed);

impl Drop for Claim {
    fn drop(&mut self) {
        self.0 .0.store(false, Ordering::Release);
    }
}
