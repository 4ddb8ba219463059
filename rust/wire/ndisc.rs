// SPDX-License-Identifier: GPL-2.0

//! Neighbor Solicitation and Advertisement of IPv6 over Ethernet (RFC 4861, RFC 2464).

use crate::ip::{self, V6Repr, ICMPV6, V6};
use crate::mac::Mac;
use crate::Error;
use core::net::Ipv6Addr;

/// Bytes of the ICMPv6 message without options.
pub const MESSAGE: usize = 24;
/// Bytes of an option with an Ethernet address.
pub const OPTION: usize = 8;
/// Bytes of the longest packet that is written, from the IPv6 header on.
pub const LEN: usize = ip::V6_HEADER + MESSAGE + OPTION;

const SOLICITATION: u8 = 135;
const ADVERTISEMENT: u8 = 136;
const SOURCE_LLADDR: u8 = 1;
const TARGET_LLADDR: u8 = 2;

/// A packet that starts as Neighbor Discovery does: an IPv6 header, and right behind it at least
/// the eight fixed bytes of a solicitation or advertisement. Nothing else is checked: this is how
/// native bonding tells such packets from others, on receive and in balance-alb.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a>(V6<'a>);

impl<'a> Packet<'a> {
    /// The view of a packet, from the IPv6 header on. [`Error::Malformed`] is any other packet,
    /// [`Error::Truncated`] one that ends before it can be told.
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Result<Self, Error> {
        let header = V6::new(bytes)?;
        if header.next_header() != ICMPV6 {
            return Err(Error::Malformed);
        }
        match header.rest().first_chunk() {
            None => Err(Error::Truncated),
            Some([SOLICITATION | ADVERTISEMENT, _, _, _, _, _, _, _]) => Ok(Packet(header)),
            Some(_) => Err(Error::Malformed),
        }
    }

    /// Returns the source address of the packet.
    pub fn src(&self) -> Ipv6Addr {
        self.0.src()
    }

    /// Returns the destination address of the packet.
    pub fn dst(&self) -> Ipv6Addr {
        self.0.dst()
    }
}

/// Which of the two messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Asks who has the target address.
    Solicitation,
    /// Tells that the sender's link-layer address has the target address.
    Advertisement {
        /// R: the sender is a router.
        router: bool,
        /// S: this answers a solicitation.
        solicited: bool,
        /// O: caches are to be overwritten.
        override_: bool,
    },
}

/// The fields of a solicitation or advertisement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repr {
    /// Which of the two, and its flags.
    pub kind: Kind,
    /// The source address; unspecified in a probe for duplicates.
    pub src: Ipv6Addr,
    /// The destination address.
    pub dst: Ipv6Addr,
    /// The address asked for or told.
    pub target: Ipv6Addr,
    /// The link-layer address option: the source's in a solicitation, the target's in an
    /// advertisement.
    pub lladdr: Option<Mac>,
}

impl Repr {
    /// The question for `target` from `src`, by the slave whose MAC is `mac`.
    pub fn solicit(src: Ipv6Addr, target: Ipv6Addr, mac: Mac) -> Repr {
        Repr {
            kind: Kind::Solicitation,
            src,
            dst: solicited_node(target),
            target,
            // RFC 4861 section 4.3: not in a probe for duplicates.
            lladdr: (!src.is_unspecified()).then_some(mac),
        }
    }

    /// The meaning of a packet, from the IPv6 header on; bytes behind its end are ignored.
    /// Whatever RFC 4861 sections 7.1.1 and 7.1.2 tell a node to discard is an error.
    pub fn parse(bytes: &[u8]) -> Result<Repr, Error> {
        let header = V6::new(bytes)?;
        let (src, dst) = (header.src(), header.dst());
        if header.version() != 6 || header.next_header() != ICMPV6 || header.hop_limit() != 255 {
            return Err(Error::Malformed);
        }
        let payload = header.payload()?;
        let (message, options) = payload.split_first_chunk::<8>().ok_or(Error::Truncated)?;
        let (target, options) = options.split_first_chunk::<16>().ok_or(Error::Truncated)?;
        let &[kind, code, _, _, flags, _, _, _] = message;
        let target = Ipv6Addr::from(*target);
        if code != 0 || target.is_multicast() {
            return Err(Error::Malformed);
        }
        if ip::v6_checksum(src, dst, ICMPV6, payload) != 0 {
            return Err(Error::Checksum);
        }
        let repr = match kind {
            SOLICITATION => Repr {
                kind: Kind::Solicitation,
                src,
                dst,
                target,
                lladdr: find(options, SOURCE_LLADDR)?,
            },
            ADVERTISEMENT => Repr {
                kind: Kind::Advertisement {
                    router: flags & 0x80 != 0,
                    solicited: flags & 0x40 != 0,
                    override_: flags & 0x20 != 0,
                },
                src,
                dst,
                target,
                lladdr: find(options, TARGET_LLADDR)?,
            },
            _ => return Err(Error::Malformed),
        };
        if repr.is_legal() {
            Ok(repr)
        } else {
            Err(Error::Malformed)
        }
    }

    /// A probe for duplicates goes to the solicited-node group and names no link-layer address;
    /// an advertisement to a group does not answer anyone.
    fn is_legal(&self) -> bool {
        match self.kind {
            Kind::Solicitation => {
                !self.src.is_unspecified() || self.lladdr.is_none() && is_solicited_node(self.dst)
            }
            Kind::Advertisement { solicited, .. } => !(solicited && self.dst.is_multicast()),
        }
    }

    /// Bytes that [`emit`](Repr::emit) writes: 64, or 72 with a link-layer address.
    pub const fn packet_len(&self) -> usize {
        match self.lladdr {
            None => ip::V6_HEADER + MESSAGE,
            Some(_) => ip::V6_HEADER + MESSAGE + OPTION,
        }
    }

    /// Writes the packet, from the IPv6 header on and with its checksum, to the start of `out`
    /// and gives back the rest of it.
    pub fn emit<'o>(&self, out: &'o mut [u8]) -> Result<&'o mut [u8], Error> {
        let (packet, rest) = out
            .split_at_mut_checked(self.packet_len())
            .ok_or(Error::Truncated)?;
        let length = match self.lladdr {
            None => MESSAGE,
            Some(_) => MESSAGE + OPTION,
        };
        let header = V6Repr {
            src: self.src,
            dst: self.dst,
            next_header: ICMPV6,
            hop_limit: 255,
            payload_len: length as u16,
        };
        let payload = header.emit(packet)?;
        let (kind, flags, option) = match self.kind {
            Kind::Solicitation => (SOLICITATION, 0, SOURCE_LLADDR),
            Kind::Advertisement {
                router,
                solicited,
                override_,
            } => {
                let flags = (u8::from(router) << 7)
                    | (u8::from(solicited) << 6)
                    | (u8::from(override_) << 5);
                (ADVERTISEMENT, flags, TARGET_LLADDR)
            }
        };
        {
            let (start, body) = payload
                .split_first_chunk_mut::<8>()
                .ok_or(Error::Truncated)?;
            *start = [kind, 0, 0, 0, flags, 0, 0, 0];
            let (target, body) = body.split_first_chunk_mut::<16>().ok_or(Error::Truncated)?;
            *target = self.target.octets();
            if let Some(Mac([a, b, c, d, e, f])) = self.lladdr {
                let bytes = body.first_chunk_mut::<OPTION>().ok_or(Error::Truncated)?;
                *bytes = [option, 1, a, b, c, d, e, f];
            }
        }
        let sum = ip::v6_checksum(self.src, self.dst, ICMPV6, payload).to_be_bytes();
        if let Some((_, field)) = payload.split_first_chunk_mut::<2>() {
            *field.first_chunk_mut().ok_or(Error::Truncated)? = sum;
        }
        Ok(rest)
    }
}

/// The first option of a type, if it holds an Ethernet address. Every option is walked: one of
/// length zero, or that ends behind the message, spoils the whole (RFC 4861 section 4.6).
fn find(mut options: &[u8], wanted: u8) -> Result<Option<Mac>, Error> {
    let mut found = None;
    while !options.is_empty() {
        let &[kind, units] = options.first_chunk::<2>().ok_or(Error::Truncated)?;
        let length = usize::from(units) * OPTION;
        if length == 0 {
            return Err(Error::Malformed);
        }
        let (option, rest) = options.split_at_checked(length).ok_or(Error::Truncated)?;
        if let (None, &[_, _, a, b, c, d, e, f]) = (found, option) {
            if kind == wanted {
                found = Some(Mac([a, b, c, d, e, f]));
            }
        }
        options = rest;
    }
    Ok(found)
}

/// ff02::1:ffXX:XXXX with the last 24 bits of `addr` (RFC 4291 section 2.7.1).
pub const fn solicited_node(addr: Ipv6Addr) -> Ipv6Addr {
    let [.., upper, lower] = addr.segments();
    Ipv6Addr::new(0xff02, 0, 0, 0, 0, 1, 0xff00 | (upper & 0x00ff), lower)
}

fn is_solicited_node(addr: Ipv6Addr) -> bool {
    solicited_node(addr) == addr
}
