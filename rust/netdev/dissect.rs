// SPDX-License-Identifier: GPL-2.0

//! The kernel's flow dissector, which looks into tunnels.
//!
//! C header: `include/net/flow_dissector.h`.

use core::ptr;

use cbindings as c;
use wire::flow::FlowKeys;

use crate::NetDevice;

/// Makes it ready. Once a module, before packets flow.
pub fn prepare() {
    // SAFETY: Nobody dissects yet.
    unsafe { c::rb_dissector_init() };
}

/// A BPF program dissects the packets of the namespace of `dev`: what it finds only it knows.
#[inline]
pub fn is_replaced(dev: &NetDevice) -> bool {
    const DISSECTOR: usize = c::netns_bpf_attach_type_NETNS_BPF_FLOW_DISSECTOR as usize;
    // SAFETY: The device is alive, and so is its namespace; the pointers are only compared.
    unsafe {
        let own = &raw const (*(*dev.as_ptr()).nd_net.net).bpf.run_array[DISSECTOR];
        let all = &raw const c::init_net.bpf.run_array[DISSECTOR];
        !own.read_volatile().is_null() || !all.read_volatile().is_null()
    }
}

/// The bytes that are to be dissected.
#[derive(Clone, Copy)]
pub(crate) enum Of<'a> {
    /// A packet, and its `data`.
    Packet(*const c::sk_buff),
    /// A frame without a packet, of a device.
    Frame(*const u8, &'a NetDevice),
}

/// Dissects a packet whose first `len` bytes lie in a row, with a network header of this type (in
/// network order) at `at`. From the bytes, without a tag beside them: as native, so that tunnels
/// end alike.
///
/// # Safety
///
/// The packet is live and has so many bytes.
#[inline]
pub(crate) unsafe fn dissect(
    of: Of<'_>,
    protocol: c::__be16,
    at: i32,
    len: i32,
) -> Option<FlowKeys> {
    let (net, skb, data) = match of {
        Of::Packet(skb) => {
            // SAFETY: The packet is live.
            let data = unsafe { (*skb).data };
            // Its device says which namespace it is in.
            (ptr::null(), skb, data.cast_const())
        }
        Of::Frame(data, dev) => {
            // SAFETY: A device has a namespace as long as it lives.
            let net = unsafe { c::rb_dev_net(dev.as_ptr()) };
            (net.cast_const(), ptr::null(), data)
        }
    };
    let mut keys = c::rb_keys::default();
    // SAFETY: The caller's promise; `rb_dissector` writes into what it was made for.
    let found = unsafe {
        c::__skb_flow_dissect(
            net,
            skb,
            &raw mut c::rb_dissector,
            (&raw mut keys).cast(),
            data.cast(),
            protocol,
            at,
            len,
            0,
        )
    };
    if !found {
        return None;
    }
    // SAFETY: The type of addresses says which member of the union was written; the other unions
    // are the same bytes twice.
    let (src, dst, ports, icmp) = unsafe {
        let addrs = &keys.__bindgen_anon_1;
        let (src, dst) = match u32::from(keys.control.addr_type) {
            c::flow_dissector_key_id_FLOW_DISSECTOR_KEY_IPV4_ADDRS => (addrs.v4.src, addrs.v4.dst),
            c::flow_dissector_key_id_FLOW_DISSECTOR_KEY_IPV6_ADDRS => {
                (fold(&addrs.v6.src), fold(&addrs.v6.dst))
            }
            c::flow_dissector_key_id_FLOW_DISSECTOR_KEY_TIPC => (addrs.tipc.key, 0),
            _ => (0, 0),
        };
        (src, dst, keys.ports.__bindgen_anon_1.ports, keys.icmp)
    };
    let kind = icmp.__bindgen_anon_1;
    Some(FlowKeys {
        src,
        dst,
        ports,
        icmp_type: kind.type_,
        icmp_code: kind.code,
        icmp_id: icmp.id,
    })
}

/// ipv6_addr_hash().
fn fold(address: &c::in6_addr) -> u32 {
    // SAFETY: All members are the same sixteen bytes.
    let words = unsafe { address.in6_u.u6_addr32 };
    words.iter().fold(0, |hash, word| hash ^ word)
}
