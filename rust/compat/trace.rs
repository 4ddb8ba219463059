// SPDX-License-Identifier: GPL-2.0

//! Tracepoints: `rustbond:bond_record` and `rustbond:bond_drop`.
//!
//! C header: `include/linux/tracepoint.h`.

use cbindings as c;
use kernel::ffi;
use lag::{
    history::{Cause, Record, What},
    options::Opt,
};
use netdev::{
    skb::{Sent, Skb},
    NetDevice,
};

/// Shows a record of a bond.
pub fn record(bond: &NetDevice, seq: u64, record: &Record) {
    // SAFETY: Callable from anywhere.
    if unsafe { c::rb_trace_record_heard() } {
        show(bond, seq, record);
    }
}

/// Copies a word to where zeroes are; one stays behind it.
#[inline(never)]
fn copy(to: &mut [ffi::c_char], text: &[u8]) {
    let room = to.len().saturating_sub(1);
    for (to, from) in to.iter_mut().take(room).zip(text) {
        *to = *from as ffi::c_char;
    }
}

#[cold]
#[inline(never)]
fn show(bond: &NetDevice, seq: u64, record: &Record) {
    let opt = Opt::ALL.get(usize::from(record.detail));
    let opt = opt.filter(|_| record.what == What::Option);
    let mut shown = c::rb_record {
        ifindex: record.ifindex,
        reason: match record.cause {
            Cause::Lacp => record.detail.into(),
            _ => 0,
        },
        seq,
        from: record.from,
        to: record.to,
        ..Default::default()
    };
    let option = opt.map_or("", |opt| opt.spec().name);
    copy(&mut shown.slave, record.name());
    copy(&mut shown.what, record.what.name().as_bytes());
    copy(&mut shown.cause, record.cause.name().as_bytes());
    copy(&mut shown.option, option.as_bytes());
    // SAFETY: The device is alive; the tracepoint copies what it is shown.
    unsafe { c::rb_trace_record(bond.as_ptr(), &raw const shown) };
}

/// The reason why a bond drops a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drop {
    /// No slave can send it.
    NoSlave,
    /// There is no memory for what sending it takes.
    NoMemory,
}

/// Shows a packet that a bond drops, counts it with the device's, and drops it.
#[cold]
#[inline(never)]
pub fn drop(skb: Skb, why: Drop) -> Sent {
    let number = match why {
        Drop::NoSlave => c::RB_DROP_NO_SLAVE,
        Drop::NoMemory => c::RB_DROP_NO_MEMORY,
    };
    // SAFETY: The packet is ours, and on its way out through a device.
    unsafe { c::rb_trace_drop(skb.as_ptr(), number) };
    skb.kfree_skb()
}
