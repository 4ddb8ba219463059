// SPDX-License-Identifier: GPL-2.0

//! Which frames balance-tlb and balance-alb may spread, and which stay with the active slave.

use super::simple_hash;
use crate::hash::{Frame, Short};
use crate::mac::Mac;
use crate::wire::{eth, ip, ndisc};
use core::net::Ipv4Addr;

/// 33:33:00:00:00:01, the group of all IPv6 nodes.
const ALL_NODES: Mac = Mac([0x33, 0x33, 0, 0, 0, 1]);

/// Bytes of an IPv6 header and an ICMPv6 header.
const ND_HEAD: usize = 48;

/// The way of a frame in balance-tlb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tlb {
    /// It goes by the active slave.
    Active,
    /// It goes by the slave that the hash of the bond's policy picks: the lowest eight bits are
    /// its bucket with tlb_dynamic_lb, and without it all bits count, modulo the usable slaves.
    Spread,
}

/// The way of a frame in balance-alb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alb {
    /// It goes by the active slave.
    Active,
    /// It goes by the slave of this bucket with tlb_dynamic_lb; without it, by the slave that the
    /// hash of the bond's policy picks.
    Spread(u8),
    /// [`rlb`](super::rlb) decides.
    Arp,
}

/// [`tlb`] spreads the frame, and that can be told at a glance.
// A call would have all who send save their registers.
#[inline(always)]
pub fn quick_tlb(frame: &Frame<'_>) -> bool {
    matches!(tlb_of(frame), Ok(Tlb::Spread))
}

/// balance-tlb: IP to one station is spread, but for Neighbor Discovery. VLAN tags in the bytes are
/// looked behind; a PPPoE session is not, for it belongs to the MAC that opened it.
#[inline]
pub fn tlb(frame: &Frame<'_>) -> Result<Tlb, Short> {
    if frame.is_wrapped() {
        return tlb_of(&frame.untagged()?);
    }
    tlb_of(frame)
}

#[inline(always)]
fn tlb_of(frame: &Frame<'_>) -> Result<Tlb, Short> {
    let spread = match frame.protocol {
        eth::IPV4 => !destination(frame)?.is_multicast(),
        eth::IPV6 => !destination(frame)?.is_multicast() && ipv6(frame)?.is_some(),
        _ => false,
    };
    Ok(if spread { Tlb::Spread } else { Tlb::Active })
}

/// The bucket of a frame that [`alb`] spreads, if that can be told at a glance: of most IP to one
/// station. None of others.
// A call would have all who send save their registers.
#[inline(always)]
pub fn quick_alb(frame: &Frame<'_>) -> Option<u8> {
    let [group, ..]: &[u8; 6] = frame.head.first_chunk()?;
    if group & 1 != 0 {
        return None;
    }
    let header = frame.head.get(frame.network..)?;
    match frame.protocol {
        eth::IPV4 => {
            let &[_, _, _, _, _, _, _, _, _, protocol, .., a, b, c, d] =
                header.first_chunk::<{ ip::V4_HEADER }>()?;
            let dst = u32::from_ne_bytes([a, b, c, d]);
            let half = dst ^ (dst >> 16);
            let spread = protocol != ip::IGMP && dst != u32::MAX;
            spread.then_some((half ^ (half >> 8)) as u8)
        }
        eth::IPV6 => {
            let header = ip::V6::new(header).ok()?;
            let spread = header.next_header() != ip::ICMPV6 && !header.src().is_unspecified();
            spread.then_some(simple_hash(&header.dst().octets()))
        }
        _ => None,
    }
}

/// balance-alb: IP is spread by its destination, but for broadcasts, IGMP, Neighbor Discovery and
/// probes for duplicate addresses, which have to carry the bond's own MAC.
#[inline]
pub fn alb(frame: &Frame<'_>) -> Result<Alb, Short> {
    if frame.is_wrapped() {
        return alb_wrapped(frame);
    }
    alb_of(frame)
}

#[inline]
fn alb_of(frame: &Frame<'_>) -> Result<Alb, Short> {
    match frame.protocol {
        eth::IPV4 => {
            if destination(frame)? == Mac::BROADCAST {
                return Ok(Alb::Active);
            }
            let Some(header) = frame.at::<{ ip::V4_HEADER }>(frame.network)? else {
                return Ok(Alb::Active);
            };
            let Ok(header) = ip::V4::new(header) else {
                return Ok(Alb::Active);
            };
            let dst = header.dst();
            if dst == Ipv4Addr::BROADCAST || header.protocol() == ip::IGMP {
                return Ok(Alb::Active);
            }
            Ok(Alb::Spread(simple_hash(&dst.octets())))
        }
        eth::IPV6 => {
            let dst = destination(frame)?;
            if dst == Mac::BROADCAST || dst == ALL_NODES {
                return Ok(Alb::Active);
            }
            match ipv6(frame)? {
                Some(header) if !header.src().is_unspecified() => {
                    Ok(Alb::Spread(simple_hash(&header.dst().octets())))
                }
                _ => Ok(Alb::Active),
            }
        }
        eth::ARP => Ok(Alb::Arp),
        _ => Ok(Alb::Active),
    }
}

/// As `alb`, of what stands behind VLAN tags in the bytes. A PPPoE session belongs to the MAC that
/// opened it, and clients are dealt out by the outer tag alone: both are the active slave's.
#[cold]
#[inline(never)]
fn alb_wrapped(frame: &Frame<'_>) -> Result<Alb, Short> {
    let inner = frame.untagged()?;
    match inner.protocol {
        eth::IPV4 | eth::IPV6 => alb_of(&inner),
        _ => Ok(Alb::Active),
    }
}

/// Whom the frame is for; nobody can be told in one that is too short, so it counts as broadcast.
#[inline]
fn destination(frame: &Frame<'_>) -> Result<Mac, Short> {
    Ok(frame.at::<6>(0)?.map_or(Mac::BROADCAST, |&mac| Mac(mac)))
}

/// The IPv6 header, unless it belongs to Neighbor Discovery or is not whole.
#[inline]
fn ipv6<'a>(frame: &Frame<'a>) -> Result<Option<ip::V6<'a>>, Short> {
    let Some(bytes) = frame.at::<{ ip::V6_HEADER }>(frame.network)? else {
        return Ok(None);
    };
    let Ok(header) = ip::V6::new(bytes) else {
        return Ok(None);
    };
    if header.next_header() != ip::ICMPV6 {
        return Ok(Some(header));
    }
    let Some(bytes) = frame.at::<ND_HEAD>(frame.network)? else {
        return Ok(None);
    };
    let discovery = ndisc::Packet::new(bytes).is_ok();
    Ok(if discovery { None } else { Some(header) })
}
