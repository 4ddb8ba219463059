// SPDX-License-Identifier: GPL-2.0

//! The Marker and Marker Response PDUs of IEEE 802.1AX-2014.
//!
//! As long as an LACPDU, and like it checked for nothing but its length and TLV type.
//!
//! Clause 6.5.3.

use crate::lacpdu::PDU_LEN;
use crate::mac::Mac;
use crate::Error;

/// The subtype that makes a Slow Protocols PDU a Marker PDU.
pub const SUBTYPE: u8 = 2;
/// The version sent.
pub const VERSION: u8 = 1;

/// Which of the two, told by the TLV type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Marker Information, TLV type 1: to be answered.
    Information,
    /// Marker Response Information, TLV type 2.
    Response,
}

/// A PDU of full length.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a>(&'a [u8; PDU_LEN]);

impl<'a> Packet<'a> {
    /// The PDU at the start of `bytes`; [`Error::Truncated`] if it is not all there.
    pub fn new(bytes: &'a [u8]) -> Result<Packet<'a>, Error> {
        bytes.first_chunk().map(Packet).ok_or(Error::Truncated)
    }

    /// Subtype; [`SUBTYPE`] for Marker.
    pub fn subtype(&self) -> u8 {
        self.0[0]
    }

    /// TLV type: 1 Marker, 2 Marker Response.
    pub fn tlv_type(&self) -> u8 {
        self.0[2]
    }

    /// Requester_Port.
    pub fn requester_port(&self) -> u16 {
        u16::from_be_bytes([self.0[4], self.0[5]])
    }

    /// Requester_System.
    pub fn requester_system(&self) -> Mac {
        let b = self.0;
        Mac([b[6], b[7], b[8], b[9], b[10], b[11]])
    }

    /// Requester_Transaction_ID.
    pub fn transaction(&self) -> u32 {
        let b = self.0;
        u32::from_be_bytes([b[12], b[13], b[14], b[15]])
    }
}

/// The fields of a Marker PDU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repr {
    /// Marker or response.
    pub kind: Kind,
    /// Number of the port that asked.
    pub requester_port: u16,
    /// System that asked.
    pub requester_system: Mac,
    /// The asker's own number for this exchange.
    pub transaction: u32,
}

impl Repr {
    /// Reads a PDU; [`Error::Malformed`] if it is another subtype or its TLV type is neither.
    pub fn parse(packet: &Packet<'_>) -> Result<Repr, Error> {
        let kind = match (packet.subtype(), packet.tlv_type()) {
            (SUBTYPE, 1) => Kind::Information,
            (SUBTYPE, 2) => Kind::Response,
            _ => return Err(Error::Malformed),
        };
        Ok(Repr {
            kind,
            requester_port: packet.requester_port(),
            requester_system: packet.requester_system(),
            transaction: packet.transaction(),
        })
    }

    /// Writes the PDU, pad, terminator and reserved octets as zeroes.
    pub fn emit(&self, out: &mut [u8; PDU_LEN]) {
        *out = [0; PDU_LEN];
        out[0] = SUBTYPE;
        out[1] = VERSION;
        out[2] = match self.kind {
            Kind::Information => 1,
            Kind::Response => 2,
        };
        out[3] = 16;
        [out[4], out[5]] = self.requester_port.to_be_bytes();
        [out[6], out[7], out[8], out[9], out[10], out[11]] = self.requester_system.0;
        [out[12], out[13], out[14], out[15]] = self.transaction.to_be_bytes();
    }
}
