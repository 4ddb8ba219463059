// SPDX-License-Identifier: GPL-2.0

//! By what a device is known: its address and its name.
//!
//! C header: `include/linux/netdevice.h`.

use core::{fmt, ptr};

use cbindings as c;
use wire::mac::Mac;

/// A device's address of any length up to MAX_ADDR_LEN. It begins as a sockaddr_storage does, so that it is
/// lent to drivers as it is: bonds in bonds have one each on the stack.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct HwAddr {
    /// ARPHRD_*, of the device that it is lent to.
    pub(crate) family: c::__kernel_sa_family_t,
    pub(crate) bytes: [u8; c::MAX_ADDR_LEN as usize],
    len: u8,
}

impl PartialEq for HwAddr {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for HwAddr {}

impl HwAddr {
    /// The octets.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or(&[])
    }

    /// An Ethernet address; zero if it has not six octets.
    pub fn mac(&self) -> Mac {
        match self.as_bytes() {
            [a, b, c, d, e, f] => Mac([*a, *b, *c, *d, *e, *f]),
            _ => Mac::ZERO,
        }
    }
}

impl HwAddr {
    /// # Safety
    ///
    /// `len` octets can be read at `at`.
    pub(crate) unsafe fn from_raw(at: *const u8, len: u8) -> Self {
        let mut addr = HwAddr {
            family: 0,
            bytes: [0; c::MAX_ADDR_LEN as usize],
            len: len.min(c::MAX_ADDR_LEN as u8),
        };
        // SAFETY: The caller's promise; `len` is no more than we have room for.
        unsafe { ptr::copy_nonoverlapping(at, addr.bytes.as_mut_ptr(), addr.len.into()) };
        addr
    }
}

impl From<Mac> for HwAddr {
    fn from(mac: Mac) -> Self {
        let mut bytes = [0; c::MAX_ADDR_LEN as usize];
        for (to, from) in bytes.iter_mut().zip(mac.0) {
            *to = from;
        }
        HwAddr {
            family: 0,
            bytes,
            len: 6,
        }
    }
}

impl fmt::Display for HwAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, b) in self.as_bytes().iter().enumerate() {
            write!(f, "{}{b:02x}", if i == 0 { "" } else { ":" })?;
        }
        Ok(())
    }
}

/// A device's name, without the zeroes behind it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Name(pub(crate) [u8; c::IFNAMSIZ as usize]);

impl Name {
    /// The name as bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.split(|b| *b == 0).next().unwrap_or(&[])
    }

    /// The name, padded with zeroes to IFNAMSIZ.
    pub fn padded(&self) -> &[u8; c::IFNAMSIZ as usize] {
        &self.0
    }

    /// The name as text; the kernel lets any byte but '/', ':' and white space be in one.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(self.as_bytes()).unwrap_or("?")
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
