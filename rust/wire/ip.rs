// SPDX-License-Identifier: GPL-2.0

//! The fixed headers of IPv4 (RFC 791) and IPv6 (RFC 8200), and the Internet checksum.

use crate::Error;
use core::net::{Ipv4Addr, Ipv6Addr};

/// Bytes of an IPv4 header without options.
pub const V4_HEADER: usize = 20;
/// Bytes of an IPv6 header.
pub const V6_HEADER: usize = 40;

/// Protocol number of IGMP.
pub const IGMP: u8 = 2;
/// Next header of ICMPv6.
pub const ICMPV6: u8 = 58;

/// An IPv4 header, read where the network header is; nothing in it is believed but its place.
#[derive(Clone, Copy, Debug)]
pub struct V4<'a>(&'a [u8; V4_HEADER]);

impl<'a> V4<'a> {
    /// The view of bytes that hold at least a header without options.
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Result<Self, Error> {
        bytes.first_chunk().map(V4).ok_or(Error::Truncated)
    }

    /// The protocol carried.
    #[inline]
    pub fn protocol(&self) -> u8 {
        let &[_, _, _, _, _, _, _, _, _, protocol, ..] = self.0;
        protocol
    }

    /// Returns the source address.
    #[inline]
    pub fn src(&self) -> Ipv4Addr {
        let &[.., a, b, c, d, _, _, _, _] = self.0;
        Ipv4Addr::new(a, b, c, d)
    }

    /// Returns the destination address.
    #[inline]
    pub fn dst(&self) -> Ipv4Addr {
        let &[.., a, b, c, d] = self.0;
        Ipv4Addr::new(a, b, c, d)
    }
}

/// An IPv6 header, read where the network header is, and what follows it.
#[derive(Clone, Copy, Debug)]
pub struct V6<'a> {
    header: &'a [u8; V6_HEADER],
    rest: &'a [u8],
}

impl<'a> V6<'a> {
    /// The view of bytes that hold at least a header.
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Result<Self, Error> {
        let (header, rest) = bytes.split_first_chunk().ok_or(Error::Truncated)?;
        Ok(V6 { header, rest })
    }

    /// The version, which is 6 in a sane header.
    pub fn version(&self) -> u8 {
        let &[first, ..] = self.header;
        first >> 4
    }

    /// The length that the header claims for what follows it, in bytes.
    pub fn payload_len(&self) -> u16 {
        let &[_, _, _, _, a, b, ..] = self.header;
        u16::from_be_bytes([a, b])
    }

    /// The protocol of what follows.
    #[inline]
    pub fn next_header(&self) -> u8 {
        let &[_, _, _, _, _, _, next, ..] = self.header;
        next
    }

    /// The hop limit.
    pub fn hop_limit(&self) -> u8 {
        let &[_, _, _, _, _, _, _, limit, ..] = self.header;
        limit
    }

    /// Returns the source address.
    #[inline]
    pub fn src(&self) -> Ipv6Addr {
        let (_, addrs) = self.header.split_at(8);
        addrs
            .first_chunk()
            .map_or(Ipv6Addr::UNSPECIFIED, |a: &[u8; 16]| Ipv6Addr::from(*a))
    }

    /// Returns the destination address.
    #[inline]
    pub fn dst(&self) -> Ipv6Addr {
        self.header
            .last_chunk()
            .map_or(Ipv6Addr::UNSPECIFIED, |a: &[u8; 16]| Ipv6Addr::from(*a))
    }

    /// Everything behind the header, padding of the frame included.
    #[inline]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Returns the bytes after the header, cut to the length it claims; [`Error::Truncated`] if
    /// there are fewer.
    pub fn payload(&self) -> Result<&'a [u8], Error> {
        self.rest
            .get(..usize::from(self.payload_len()))
            .ok_or(Error::Truncated)
    }
}

/// The fields of an IPv6 header that bonding writes itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct V6Repr {
    /// The source address.
    pub src: Ipv6Addr,
    /// The destination address.
    pub dst: Ipv6Addr,
    /// The protocol of what follows.
    pub next_header: u8,
    /// The hop limit.
    pub hop_limit: u8,
    /// Bytes that follow.
    pub payload_len: u16,
}

impl V6Repr {
    /// Writes the header's 40 bytes to the start of `out` and gives back the rest of it.
    pub fn emit<'o>(&self, out: &'o mut [u8]) -> Result<&'o mut [u8], Error> {
        let (start, rest) = out.split_first_chunk_mut::<8>().ok_or(Error::Truncated)?;
        let (src, rest) = rest.split_first_chunk_mut::<16>().ok_or(Error::Truncated)?;
        let (dst, rest) = rest.split_first_chunk_mut::<16>().ok_or(Error::Truncated)?;
        let [l0, l1] = self.payload_len.to_be_bytes();
        *start = [0x60, 0, 0, 0, l0, l1, self.next_header, self.hop_limit];
        *src = self.src.octets();
        *dst = self.dst.octets();
        Ok(rest)
    }
}

/// The Internet checksum (RFC 1071) of an upper-layer packet of IPv6 with its pseudo-header
/// (RFC 8200 section 8.1): what stands in a packet whose checksum field is zero, and 0 for a whole
/// packet whose checksum is right.
pub fn v6_checksum(src: Ipv6Addr, dst: Ipv6Addr, next_header: u8, payload: &[u8]) -> u16 {
    let mut sum = words(&src.octets())
        .wrapping_add(words(&dst.octets()))
        .wrapping_add(words(payload))
        .wrapping_add(u64::from(next_header))
        .wrapping_add(payload.len() as u64);
    while sum >> 16 != 0 {
        sum = (sum & 0xffff).wrapping_add(sum >> 16);
    }
    !(sum as u16)
}

/// The sum of the 16-bit words; a last odd byte is the upper half of one.
fn words(bytes: &[u8]) -> u64 {
    bytes.chunks(2).fold(0, |sum, pair| {
        sum.wrapping_add(match *pair {
            [a, b] => u64::from(u16::from_be_bytes([a, b])),
            [a] => u64::from(a) << 8,
            _ => 0,
        })
    })
}
