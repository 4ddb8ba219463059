// SPDX-License-Identifier: GPL-2.0

//! ARP for IPv4 over Ethernet (RFC 826).

use crate::mac::Mac;
use crate::{eth, Error};
use core::net::Ipv4Addr;

/// Bytes of the packet, behind the Ethernet header.
pub const LEN: usize = 28;
/// Bytes of the packet with its Ethernet header.
pub const FRAME: usize = eth::HEADER + LEN;

/// Hardware type Ethernet, protocol type IPv4, and the lengths of their addresses.
const FIXED: [u8; 6] = [0, 1, 0x08, 0x00, 6, 4];

/// 28 bytes that are laid out as ARP for IPv4 over Ethernet, with any operation.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a>(&'a [u8; LEN]);

impl<'a> Packet<'a> {
    /// The view of what follows an Ethernet header of type [`eth::ARP`]; padding may follow.
    /// Other hardware, protocols and lengths are [`Error::Malformed`].
    pub fn new(bytes: &'a [u8]) -> Result<Self, Error> {
        let packet: &[u8; LEN] = bytes.first_chunk().ok_or(Error::Truncated)?;
        if packet.starts_with(&FIXED) {
            Ok(Packet(packet))
        } else {
            Err(Error::Malformed)
        }
    }

    /// The operation's number, host order: 1 for a request, 2 for a reply.
    pub fn op(&self) -> u16 {
        let &[_, _, _, _, _, _, a, b, ..] = self.0;
        u16::from_be_bytes([a, b])
    }

    /// The sender's MAC.
    pub fn sender_mac(&self) -> Mac {
        let &[_, _, _, _, _, _, _, _, a, b, c, d, e, f, ..] = self.0;
        Mac([a, b, c, d, e, f])
    }

    /// The sender's IP address.
    pub fn sender_ip(&self) -> Ipv4Addr {
        let &[.., a, b, c, d, _, _, _, _, _, _, _, _, _, _] = self.0;
        Ipv4Addr::new(a, b, c, d)
    }

    /// The target's MAC, which a request leaves zero or broadcast.
    pub fn target_mac(&self) -> Mac {
        let &[.., a, b, c, d, e, f, _, _, _, _] = self.0;
        Mac([a, b, c, d, e, f])
    }

    /// The target's IP address.
    pub fn target_ip(&self) -> Ipv4Addr {
        let &[.., a, b, c, d] = self.0;
        Ipv4Addr::new(a, b, c, d)
    }
}

/// The two operations that bonding knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Op {
    /// Asks who has the target's IP address.
    Request = 1,
    /// Tells that the sender's MAC address has the sender's IP address.
    Reply = 2,
}

/// The fields of an ARP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repr {
    /// Request or reply.
    pub op: Op,
    /// The sender's MAC.
    pub sender_mac: Mac,
    /// The sender's IP address.
    pub sender_ip: Ipv4Addr,
    /// The target's MAC; zero or broadcast in a request.
    pub target_mac: Mac,
    /// The target's IP address.
    pub target_ip: Ipv4Addr,
}

impl Repr {
    /// The meaning of what follows an Ethernet header of type [`eth::ARP`]. An operation other
    /// than request and reply is [`Error::Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Repr, Error> {
        let packet = Packet::new(bytes)?;
        let op = match packet.op() {
            1 => Op::Request,
            2 => Op::Reply,
            _ => return Err(Error::Malformed),
        };
        Ok(Repr {
            op,
            sender_mac: packet.sender_mac(),
            sender_ip: packet.sender_ip(),
            target_mac: packet.target_mac(),
            target_ip: packet.target_ip(),
        })
    }

    /// Writes the packet's 28 bytes to the start of `out` and gives back the rest of it.
    pub fn emit<'o>(&self, out: &'o mut [u8]) -> Result<&'o mut [u8], Error> {
        let (packet, rest) = out.split_first_chunk_mut::<LEN>().ok_or(Error::Truncated)?;
        let [h0, h1, p0, p1, hl, pl] = FIXED;
        let [o0, o1] = (self.op as u16).to_be_bytes();
        let [a, b, c, d, e, f] = self.sender_mac.0;
        let [s0, s1, s2, s3] = self.sender_ip.octets();
        let [u, v, w, x, y, z] = self.target_mac.0;
        let [t0, t1, t2, t3] = self.target_ip.octets();
        *packet = [
            h0, h1, p0, p1, hl, pl, o0, o1, a, b, c, d, e, f, s0, s1, s2, s3, u, v, w, x, y, z, t0,
            t1, t2, t3,
        ];
        Ok(rest)
    }

    /// The whole frame, untagged, from the sender's MAC to `dst`.
    pub fn frame(&self, dst: Mac) -> Result<[u8; FRAME], Error> {
        let mut frame = [0; FRAME];
        let header = eth::Repr {
            dst,
            src: self.sender_mac,
            tag: None,
            ether_type: eth::ARP,
        };
        self.emit(header.emit(&mut frame)?)?;
        Ok(frame)
    }
}
