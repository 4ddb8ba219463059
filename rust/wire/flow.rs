// SPDX-License-Identifier: GPL-2.0

//! Keys by which flows are told apart.

/// Keys that the kernel's flow dissector finds in a frame, for encap2+3 and encap3+4.
///
/// Filled from `struct flow_keys` after a successful `skb_flow_dissect` with the keys that native
/// asks for (control, basic, IPv4, IPv6 and TIPC addresses, ports, ICMP, VLAN, flow label, GRE key).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlowKeys {
    /// `flow_get_u32_src()`: in memory order.
    pub src: u32,
    /// `flow_get_u32_dst()`: in memory order.
    pub dst: u32,
    /// `ports.ports`: both ports, or an SPI, in memory order.
    pub ports: u32,
    /// `icmp.type`.
    pub icmp_type: u8,
    /// `icmp.code`.
    pub icmp_code: u8,
    /// `icmp.id`, in host order; 0 means that the message has none.
    pub icmp_id: u16,
}
