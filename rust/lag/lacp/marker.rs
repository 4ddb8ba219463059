// SPDX-License-Identifier: GPL-2.0

//! The Marker Responder of IEEE 802.1AX-2014.
//!
//! Each Marker is answered at once with a Marker Response that repeats who asked and for what.
//! A response is never answered, so two responders cannot keep each other busy.
//!
//! Clause 6.5.4.

use super::limit::Limit;
use crate::time::{Span, Time};
use crate::wire::lacpdu::PDU_LEN;
use crate::wire::marker::{Kind, Repr};

/// Responses in any second: no Slow Protocol may send more frames, 802.3 57A.2.
pub const LIMIT: usize = 10;

/// The responder of one port.
#[derive(Clone, Copy, Debug)]
pub struct Responder {
    limit: Limit<LIMIT>,
}

impl Default for Responder {
    fn default() -> Responder {
        Responder {
            limit: Limit::new(Span::secs(1)),
        }
    }
}

impl Responder {
    /// The PDU that answers `marker`, unless it is a response itself or there were too many.
    pub(super) fn respond(&mut self, marker: &Repr, now: Time) -> Option<[u8; PDU_LEN]> {
        if marker.kind != Kind::Information || !self.limit.allows(now) {
            return None;
        }
        self.limit.record(now);
        let mut pdu = [0; PDU_LEN];
        let kind = Kind::Response;
        Repr { kind, ..*marker }.emit(&mut pdu);
        Some(pdu)
    }
}
