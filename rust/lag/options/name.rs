// SPDX-License-Identifier: GPL-2.0

//! Interface names.

use core::fmt;

/// The name of a network interface: 1 to 15 bytes that the kernel accepts as one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// Ends at the first NUL, of which there is at least one; IFNAMSIZ bytes.
    bytes: [u8; Name::SIZE],
}

impl Name {
    /// IFNAMSIZ: the room a name takes, with the NUL that ends it.
    pub const SIZE: usize = 16;

    /// The name, if `dev_valid_name` would have it: not empty, not `.` nor `..`, at most 15
    /// bytes, none of them `/`, `:`, NUL or white space.
    pub fn new(name: &[u8]) -> Option<Name> {
        let forbidden = |b: &u8| matches!(b, b'/' | b':' | 0) || is_space(*b);
        if name.is_empty() || name == b"." || name == b".." || name.iter().any(forbidden) {
            return None;
        }
        Name::from_nul_padded(name)
    }

    /// The bytes up to the first NUL, as they stand in `struct net_device`; none if they are
    /// empty or do not leave room for the NUL.
    pub fn from_nul_padded(name: &[u8]) -> Option<Name> {
        let mut bytes = [0; Name::SIZE];
        let name = until(name, |b| b == 0);
        if name.is_empty() || name.len() >= Name::SIZE {
            return None;
        }
        for (to, from) in bytes.iter_mut().zip(name) {
            *to = *from;
        }
        Some(Name { bytes })
    }

    /// The name without the NULs.
    pub fn as_bytes(&self) -> &[u8] {
        until(&self.bytes, |b| b == 0)
    }

    /// The name with NULs up to IFNAMSIZ, the last byte always one.
    pub const fn as_nul_padded(&self) -> &[u8; Name::SIZE] {
        &self.bytes
    }
}

impl fmt::Display for Name {
    /// Bytes that are no UTF-8 come out as U+FFFD.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_lossy(f, self.as_bytes())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// Writes bytes as text, U+FFFD for what is no UTF-8.
pub(super) fn write_lossy(out: &mut dyn fmt::Write, bytes: &[u8]) -> fmt::Result {
    for chunk in bytes.utf8_chunks() {
        out.write_str(chunk.valid())?;
        if !chunk.invalid().is_empty() {
            out.write_char(char::REPLACEMENT_CHARACTER)?;
        }
    }
    Ok(())
}

/// The part before the first byte for which `end` holds.
pub(super) fn until(bytes: &[u8], end: impl Fn(u8) -> bool) -> &[u8] {
    bytes.split(|b| end(*b)).next().unwrap_or(&[])
}

/// The kernel's isspace() for ASCII; 0xa0 is white space to it as well.
pub(super) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | 0x09..=0x0d | 0xa0)
}
