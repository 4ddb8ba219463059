// SPDX-License-Identifier: GPL-2.0

//! The LACPDUs of IEEE 802.1AX-2014.
//!
//! A PDU is the part of a Slow Protocols frame after the EtherType, from the subtype on. All
//! numbers are big-endian. The standard forbids a receiver to check version, TLV types and
//! reserved octets (6.4.12); TLV lengths it may check, and bonding does not.
//!
//! Clause 6.4.2.

use crate::mac::Mac;
use crate::Error;

/// Octets from the subtype to the end of the reserved part.
pub const PDU_LEN: usize = 110;
/// Octets of a whole frame: Ethernet header and PDU, no FCS.
pub const FRAME_LEN: usize = 14 + PDU_LEN;
/// The EtherType of Slow Protocols, 802.3 annex 57A.
pub const SLOW_PROTOCOLS: u16 = 0x8809;
/// The destination of Slow Protocols frames; no bridge forwards it.
pub const SLOW_PROTOCOLS_GROUP: Mac = Mac([0x01, 0x80, 0xc2, 0x00, 0x00, 0x02]);
/// The subtype that makes a Slow Protocols PDU an LACPDU.
pub const SUBTYPE: u8 = 1;
/// The version sent.
pub const VERSION: u8 = 1;

/// The eight flags of Actor_State and Partner_State; LACP_STATE_* to users.
///
/// Clause 6.4.2.3, state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PortState(pub u8);

impl PortState {
    /// LACP_Activity: sends whether or not the partner does.
    pub const ACTIVITY: PortState = PortState(0x01);
    /// LACP_Timeout: asks for a PDU a second, not one in 30 seconds.
    pub const TIMEOUT: PortState = PortState(0x02);
    /// Aggregation: the link may be one of several.
    pub const AGGREGATION: PortState = PortState(0x04);
    /// Synchronization: the port is attached to the right aggregator.
    pub const SYNCHRONIZATION: PortState = PortState(0x08);
    /// Collecting: frames are accepted.
    pub const COLLECTING: PortState = PortState(0x10);
    /// Distributing: frames are sent.
    pub const DISTRIBUTING: PortState = PortState(0x20);
    /// Defaulted: the partner's values are the administrative ones.
    pub const DEFAULTED: PortState = PortState(0x40);
    /// Expired: the partner has fallen silent.
    pub const EXPIRED: PortState = PortState(0x80);

    /// Every flag of `flags` is set.
    pub const fn has(self, flags: PortState) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// Sets or clears the flags.
    pub fn set(&mut self, flags: PortState, on: bool) {
        if on {
            self.0 |= flags.0;
        } else {
            self.0 &= !flags.0;
        }
    }

    /// The two agree in every flag of `flags`.
    pub const fn agrees(self, other: PortState, flags: PortState) -> bool {
        (self.0 ^ other.0) & flags.0 == 0
    }
}

/// One end of a link as an LACPDU describes it: the Actor or the Partner TLV.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Info {
    /// System priority; lower is better.
    pub system_priority: u16,
    /// The system's address.
    pub system: Mac,
    /// Operational key of the port.
    pub key: u16,
    /// Port priority; lower is better.
    pub port_priority: u16,
    /// Port number.
    pub port: u16,
    /// State flags.
    pub state: PortState,
}

/// A PDU of full length.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a>(&'a [u8; PDU_LEN]);

impl<'a> Packet<'a> {
    /// The PDU at the start of `bytes`, what follows is padding; [`Error::Truncated`] if it is
    /// not all there.
    pub fn new(bytes: &'a [u8]) -> Result<Packet<'a>, Error> {
        bytes.first_chunk().map(Packet).ok_or(Error::Truncated)
    }

    /// Subtype; [`SUBTYPE`] for LACP.
    pub fn subtype(&self) -> u8 {
        self.0[0]
    }

    /// Version_Number.
    pub fn version(&self) -> u8 {
        self.0[1]
    }

    /// The sender's view of itself.
    pub fn actor(&self) -> Info {
        self.info::<4>()
    }

    /// The sender's view of the receiver.
    pub fn partner(&self) -> Info {
        self.info::<24>()
    }

    /// CollectorMaxDelay in tens of microseconds.
    pub fn collector_max_delay(&self) -> u16 {
        u16::from_be_bytes([self.0[44], self.0[45]])
    }

    fn info<const AT: usize>(&self) -> Info {
        let b = self.0;
        Info {
            system_priority: u16::from_be_bytes([b[AT], b[AT + 1]]),
            system: Mac([
                b[AT + 2],
                b[AT + 3],
                b[AT + 4],
                b[AT + 5],
                b[AT + 6],
                b[AT + 7],
            ]),
            key: u16::from_be_bytes([b[AT + 8], b[AT + 9]]),
            port_priority: u16::from_be_bytes([b[AT + 10], b[AT + 11]]),
            port: u16::from_be_bytes([b[AT + 12], b[AT + 13]]),
            state: PortState(b[AT + 14]),
        }
    }
}

/// The fields of an LACPDU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repr {
    /// The sender's view of itself.
    pub actor: Info,
    /// The sender's view of the receiver.
    pub partner: Info,
    /// CollectorMaxDelay in tens of microseconds.
    pub collector_max_delay: u16,
}

impl Repr {
    /// Reads a PDU; [`Error::Malformed`] if it is another subtype, or its sender's system is no
    /// station's address, which would make it look like no partner at all.
    pub fn parse(packet: &Packet<'_>) -> Result<Repr, Error> {
        let actor = packet.actor();
        if packet.subtype() != SUBTYPE || !actor.system.is_valid_unicast() {
            return Err(Error::Malformed);
        }
        Ok(Repr {
            actor,
            partner: packet.partner(),
            collector_max_delay: packet.collector_max_delay(),
        })
    }

    /// Writes the PDU, reserved octets and terminator as zeroes.
    pub fn emit(&self, out: &mut [u8; PDU_LEN]) {
        *out = [0; PDU_LEN];
        out[0] = SUBTYPE;
        out[1] = VERSION;
        out[2] = 1;
        out[3] = 20;
        put_info::<4>(out, &self.actor);
        out[22] = 2;
        out[23] = 20;
        put_info::<24>(out, &self.partner);
        out[42] = 3;
        out[43] = 16;
        [out[44], out[45]] = self.collector_max_delay.to_be_bytes();
    }
}

fn put_info<const AT: usize>(out: &mut [u8; PDU_LEN], info: &Info) {
    [out[AT], out[AT + 1]] = info.system_priority.to_be_bytes();
    [
        out[AT + 2],
        out[AT + 3],
        out[AT + 4],
        out[AT + 5],
        out[AT + 6],
        out[AT + 7],
    ] = info.system.0;
    [out[AT + 8], out[AT + 9]] = info.key.to_be_bytes();
    [out[AT + 10], out[AT + 11]] = info.port_priority.to_be_bytes();
    [out[AT + 12], out[AT + 13]] = info.port.to_be_bytes();
    out[AT + 14] = info.state.0;
}

/// A whole Slow Protocols frame that carries `pdu`, from `source` to the group address.
pub fn frame(source: Mac, pdu: &[u8; PDU_LEN]) -> [u8; FRAME_LEN] {
    let mut out = [0; FRAME_LEN];
    let (to, rest) = out.split_at_mut(6);
    let (from, rest) = rest.split_at_mut(6);
    let (protocol, rest) = rest.split_at_mut(2);
    to.copy_from_slice(&SLOW_PROTOCOLS_GROUP.0);
    from.copy_from_slice(&source.0);
    protocol.copy_from_slice(&SLOW_PROTOCOLS.to_be_bytes());
    rest.copy_from_slice(pdu);
    out
}
