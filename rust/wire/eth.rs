// SPDX-License-Identifier: GPL-2.0

//! The Ethernet header, with or without one VLAN tag (IEEE 802.3 clause 3, 802.1Q clause 9).

use crate::mac::Mac;
use crate::Error;
use core::net::Ipv6Addr;

/// Bytes of an Ethernet header without a tag.
pub const HEADER: usize = 14;
/// Bytes that a VLAN tag adds.
pub const TAG: usize = 4;

/// EtherType of IPv4.
pub const IPV4: u16 = 0x0800;
/// EtherType of ARP.
pub const ARP: u16 = 0x0806;
/// EtherType of a customer VLAN tag, 802.1Q.
pub const VLAN: u16 = 0x8100;
/// EtherType of IPv6.
pub const IPV6: u16 = 0x86dd;
/// EtherType of a service VLAN tag, 802.1ad.
pub const SERVICE_VLAN: u16 = 0x88a8;
/// EtherType of a loopback frame, ETH_P_LOOPBACK: what balance-tlb and balance-alb send to make
/// switches learn where a MAC is.
pub const LOOPBACK: u16 = 0x9000;

/// Bytes of a learning frame: the shortest that Ethernet has, without its checksum.
pub const LEARNING: usize = 60;

/// An Ethernet header and what follows it.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    header: &'a [u8; HEADER],
    payload: &'a [u8],
}

impl<'a> Packet<'a> {
    /// The view of a frame that holds at least the header.
    pub fn new(frame: &'a [u8]) -> Result<Self, Error> {
        let (header, payload) = frame.split_first_chunk().ok_or(Error::Truncated)?;
        Ok(Packet { header, payload })
    }

    /// Whom the frame is for.
    pub fn dst(&self) -> Mac {
        let &[a, b, c, d, e, f, ..] = self.header;
        Mac([a, b, c, d, e, f])
    }

    /// Returns the sender's address.
    pub fn src(&self) -> Mac {
        let &[_, _, _, _, _, _, a, b, c, d, e, f, ..] = self.header;
        Mac([a, b, c, d, e, f])
    }

    /// The EtherType behind the addresses, that of the tag if there is one; host order.
    pub fn ether_type(&self) -> u16 {
        let &[.., a, b] = self.header;
        u16::from_be_bytes([a, b])
    }

    /// Returns the bytes after the 14 of the header.
    pub fn payload(&self) -> &'a [u8] {
        self.payload
    }
}

/// A VLAN tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag {
    /// [`VLAN`] or [`SERVICE_VLAN`], host order.
    pub protocol: u16,
    /// Priority, DEI and VLAN id, host order.
    pub tci: u16,
}

impl Tag {
    /// The VLAN id, 0 to 4095.
    pub const fn id(self) -> u16 {
        self.tci & 0x0fff
    }
}

/// The fields of an Ethernet header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repr {
    /// The receiver's address.
    pub dst: Mac,
    /// The sender's address.
    pub src: Mac,
    /// The outer VLAN tag.
    pub tag: Option<Tag>,
    /// The EtherType of the payload, host order.
    pub ether_type: u16,
}

impl Repr {
    /// The header of `frame`, and the payload behind it. A second tag is payload.
    pub fn parse(frame: &[u8]) -> Result<(Repr, &[u8]), Error> {
        let packet = Packet::new(frame)?;
        let (dst, src, outer) = (packet.dst(), packet.src(), packet.ether_type());
        if outer != VLAN && outer != SERVICE_VLAN {
            let repr = Repr {
                dst,
                src,
                tag: None,
                ether_type: outer,
            };
            return Ok((repr, packet.payload()));
        }
        let (&[t0, t1, e0, e1], payload) = packet
            .payload()
            .split_first_chunk::<TAG>()
            .ok_or(Error::Truncated)?;
        let tag = Tag {
            protocol: outer,
            tci: u16::from_be_bytes([t0, t1]),
        };
        let ether_type = u16::from_be_bytes([e0, e1]);
        Ok((
            Repr {
                dst,
                src,
                tag: Some(tag),
                ether_type,
            },
            payload,
        ))
    }

    /// Bytes that [`emit`](Repr::emit) writes: 14, or 18 with a tag.
    pub const fn header_len(&self) -> usize {
        match self.tag {
            None => HEADER,
            Some(_) => HEADER + TAG,
        }
    }

    /// Writes the header to the start of `out` and gives back the rest of it.
    pub fn emit<'o>(&self, out: &'o mut [u8]) -> Result<&'o mut [u8], Error> {
        let (header, rest) = out
            .split_first_chunk_mut::<HEADER>()
            .ok_or(Error::Truncated)?;
        let [d0, d1, d2, d3, d4, d5] = self.dst.0;
        let [s0, s1, s2, s3, s4, s5] = self.src.0;
        let [t0, t1] = self
            .tag
            .map_or(self.ether_type, |tag| tag.protocol)
            .to_be_bytes();
        let Some(tag) = self.tag else {
            *header = [d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, t0, t1];
            return Ok(rest);
        };
        let (second, rest) = rest
            .split_first_chunk_mut::<TAG>()
            .ok_or(Error::Truncated)?;
        let [c0, c1] = tag.tci.to_be_bytes();
        let [e0, e1] = self.ether_type.to_be_bytes();
        *header = [d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, t0, t1];
        *second = [c0, c1, e0, e1];
        Ok(rest)
    }
}

/// VLAN tags in the bytes that are looked behind: as many as the kernel itself does.
pub const TAGS_MAX: usize = 8;

/// The EtherType and the payload behind all VLAN tags at the start of `payload`, which is of the
/// type `ether_type`. What ends in a tag stays as it is.
pub fn untag(ether_type: u16, payload: &[u8]) -> (u16, &[u8]) {
    let (mut inner, mut rest) = (ether_type, payload);
    for _ in 0..TAGS_MAX {
        if inner != VLAN && inner != SERVICE_VLAN {
            break;
        }
        let Some((&[_, _, e0, e1], behind)) = rest.split_first_chunk::<TAG>() else {
            return (ether_type, payload);
        };
        (inner, rest) = (u16::from_be_bytes([e0, e1]), behind);
    }
    (inner, rest)
}

/// The frame from `mac` to itself that makes a switch look for `mac` behind the port it came in
/// by. Untagged: a VLAN tag travels beside the frame.
pub fn learning(mac: Mac) -> [u8; LEARNING] {
    let [a, b, c, d, e, f] = mac.0;
    let [t0, t1] = LOOPBACK.to_be_bytes();
    let mut frame = [0; LEARNING];
    if let Some(header) = frame.first_chunk_mut() {
        *header = [a, b, c, d, e, f, a, b, c, d, e, f, t0, t1];
    }
    frame
}

/// The group address of Ethernet that carries a multicast address of IPv6 (RFC 2464 section 7).
pub const fn ipv6_group(addr: Ipv6Addr) -> Mac {
    let [.., a, b, c, d] = addr.octets();
    Mac([0x33, 0x33, a, b, c, d])
}
