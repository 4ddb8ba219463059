// SPDX-License-Identifier: GPL-2.0

//! Packets of any shape, and frames to make them of.

use core::ptr::NonNull;

use cbindings as c;
use wire::mac::Mac;

use crate::{prelude::*, skb::Skb, tests::Outcome};

/// EtherType.
pub const IPV4: u16 = 0x0800;
/// EtherType.
pub const IPV6: u16 = 0x86dd;
/// EtherType.
pub const ARP: u16 = 0x0806;
/// The sender.
pub const US: Mac = Mac([2, 0, 0, 0, 0, 1]);
/// The receiver.
pub const THEM: Mac = Mac([2, 0, 0, 0, 0, 2]);

/// A packet of these bytes, so many of them in a row and the rest in pieces of `chunk`.
pub fn packet(bytes: &[u8], linear: usize, chunk: u32, protocol: u16) -> Outcome<Skb> {
    let (at, len) = (bytes.as_ptr(), bytes.len() as u32);
    // SAFETY: There are so many bytes; the packet is ours.
    let skb = unsafe { c::rb_test_skb(at, len, linear.min(bytes.len()) as u32, chunk, protocol) };
    let skb = NonNull::new(skb).ok_or(ENOMEM)?;
    // SAFETY: It is ours, and given away here.
    Ok(unsafe { Skb::from_raw(skb) })
}

/// Writes an Ethernet header.
pub fn header(to: &mut [u8], protocol: u16) {
    to[..6].copy_from_slice(&THEM.0);
    to[6..12].copy_from_slice(&US.0);
    to[12..14].copy_from_slice(&protocol.to_be_bytes());
}

/// UDP from port 1000 to port 2000, over IPv4.
pub fn udp4() -> [u8; 60] {
    let mut frame = [0; 60];
    header(&mut frame, IPV4);
    frame[14..24].copy_from_slice(&[0x45, 0, 0, 46, 0, 0, 0x40, 0, 64, 17]);
    frame[26..34].copy_from_slice(&[192, 0, 2, 1, 192, 0, 2, 2]);
    frame[34..42].copy_from_slice(&[3, 0xe8, 7, 0xd0, 0, 26, 0, 0]);
    frame
}

/// A neighbour solicitation.
pub fn solicitation() -> [u8; 78] {
    let mut frame = [0; 78];
    header(&mut frame, IPV6);
    frame[14..22].copy_from_slice(&[0x60, 0, 0, 0, 0, 24, 58, 255]);
    frame[22] = 0xfe;
    frame[37] = 1;
    frame[38] = 0xff;
    frame[53] = 2;
    frame[54] = 135;
    frame
}

/// An ARP request.
pub fn request() -> [u8; 42] {
    let mut frame = [0; 42];
    header(&mut frame, ARP);
    frame[14..22].copy_from_slice(&[0, 1, 8, 0, 6, 4, 0, 1]);
    frame[22..28].copy_from_slice(&US.0);
    frame[28..32].copy_from_slice(&[192, 0, 2, 1]);
    frame[38..42].copy_from_slice(&[192, 0, 2, 2]);
    frame
}
