// SPDX-License-Identifier: GPL-2.0

//! Counters, per port and per bond: BOND_3AD_STAT_*.
//!
//! Clause 7.3.3.

/// PDUs by kind and direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// LACPDUs received.
    pub lacpdu_rx: u64,
    /// LACPDUs sent.
    pub lacpdu_tx: u64,
    /// PDUs of other Slow Protocols received.
    pub lacpdu_unknown_rx: u64,
    /// Badly formed PDUs received.
    pub lacpdu_illegal_rx: u64,
    /// Markers received.
    pub marker_rx: u64,
    /// Markers sent: none ever, bonding does not ask.
    pub marker_tx: u64,
    /// Marker Responses received.
    pub marker_resp_rx: u64,
    /// Marker Responses sent.
    pub marker_resp_tx: u64,
    /// Marker PDUs of unknown TLV type received.
    pub marker_unknown_rx: u64,
}

impl Stats {
    /// Every counter, in the order of BOND_3AD_STAT_*.
    pub const fn values(&self) -> [u64; 9] {
        [
            self.lacpdu_rx,
            self.lacpdu_tx,
            self.lacpdu_unknown_rx,
            self.lacpdu_illegal_rx,
            self.marker_rx,
            self.marker_tx,
            self.marker_resp_rx,
            self.marker_resp_tx,
            self.marker_unknown_rx,
        ]
    }

    /// Counts one more; `which` picks the counter.
    pub(super) fn count(&mut self, which: fn(&mut Stats) -> &mut u64) {
        let counter = which(self);
        *counter = counter.wrapping_add(1);
    }
}
