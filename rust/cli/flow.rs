// SPDX-License-Identifier: GPL-2.0

//! A flow, and the slave that carries it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use lag::family::{flow as attr, Fate, FRAME_MAX};
use serde::Serialize;

use crate::family::message::Fields;

/// The destination MAC address of a frame for which none is given, and which is no multicast.
pub const DESTINATION: [u8; 6] = [2, 0, 0, 0, 0, 1];
/// EtherType of a frame without IP addresses: for experiments, IEEE 802.
const EXPERIMENT: u16 = 0x88b5;
const VLAN: u16 = 0x8100;
const SERVICE_VLAN: u16 = 0x88a8;
const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;

/// Protocols of IP that have names here.
pub mod protocol {
    /// ICMP.
    pub const ICMP: u8 = 1;
    /// TCP.
    pub const TCP: u8 = 6;
    /// UDP.
    pub const UDP: u8 = 17;
    /// ICMPv6.
    pub const ICMPV6: u8 = 58;
}

/// The protocol above IP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// ICMP, or ICMPv6 with IPv6 addresses.
    Icmp,
    /// Another, by number.
    Number(u8),
}

impl std::str::FromStr for Protocol {
    type Err = String;

    fn from_str(text: &str) -> Result<Protocol, String> {
        match text {
            "tcp" => Ok(Protocol::Tcp),
            "udp" => Ok(Protocol::Udp),
            "icmp" => Ok(Protocol::Icmp),
            _ => match text.parse() {
                Ok(number) => Ok(Protocol::Number(number)),
                Err(_) => Err("say tcp, udp, icmp, or a number from 0 to 255".to_string()),
            },
        }
    }
}

/// A MAC address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mac(pub [u8; 6]);

impl std::str::FromStr for Mac {
    type Err = String;

    fn from_str(text: &str) -> Result<Mac, String> {
        let wrong = || "say six octets as 02:00:00:00:00:01".to_string();
        let octets: Vec<u8> = text
            .split([':', '-'])
            .map(|octet| match octet.len() {
                // A sign would be taken, too.
                1 | 2 if !octet.starts_with('+') => {
                    u8::from_str_radix(octet, 16).map_err(|_| wrong())
                }
                _ => Err(wrong()),
            })
            .collect::<Result<_, _>>()?;
        octets.try_into().map(Mac).map_err(|_| wrong())
    }
}

/// A flow, as its frames name it.
#[derive(Clone, Debug, PartialEq)]
pub struct Tuple {
    /// Source MAC address.
    pub source_mac: [u8; 6],
    /// Destination MAC address; by the destination, or [`DESTINATION`], if there is none.
    pub destination_mac: Option<[u8; 6]>,
    /// VLANs, the outer one first.
    pub vlans: Vec<u16>,
    /// Source and destination IP addresses.
    pub addresses: Option<(IpAddr, IpAddr)>,
    /// The protocol above IP.
    pub protocol: Protocol,
    /// Source port; of ICMP, the identifier of an echo request.
    pub source_port: u16,
    /// Destination port.
    pub destination_port: u16,
}

impl Tuple {
    /// Checks that there can be such a frame.
    pub fn new(addresses: (Option<IpAddr>, Option<IpAddr>), rest: Tuple) -> Result<Tuple, String> {
        let addresses = match addresses {
            (None, None) => None,
            (Some(source), Some(destination)) if source.is_ipv4() == destination.is_ipv4() => {
                Some((source, destination))
            }
            (Some(_), Some(_)) => {
                return Err("--src and --dst are of different versions of IP".to_string())
            }
            _ => return Err("--src and --dst go together".to_string()),
        };
        if rest.vlans.iter().any(|vlan| *vlan > 4095) {
            return Err("a VLAN has a number from 0 to 4095".to_string());
        }
        Ok(Tuple { addresses, ..rest })
    }

    /// Returns the destination MAC address that the frame gets.
    pub fn destination(&self) -> [u8; 6] {
        if let Some(mac) = self.destination_mac {
            return mac;
        }
        match self.addresses {
            Some((_, IpAddr::V4(Ipv4Addr::BROADCAST))) => [0xff; 6],
            Some((_, IpAddr::V4(to))) if to.is_multicast() => {
                let [_, b, c, d] = to.octets();
                [0x01, 0x00, 0x5e, b & 0x7f, c, d]
            }
            Some((_, IpAddr::V6(to))) if to.is_multicast() => {
                let octets = to.octets();
                [0x33, 0x33, octets[12], octets[13], octets[14], octets[15]]
            }
            _ => DESTINATION,
        }
    }

    /// Returns the head of a frame: Ethernet, VLAN tags, IP, and what stands above it.
    pub fn frame(&self) -> Vec<u8> {
        let mut frame = Vec::new();
        frame.extend(self.destination());
        frame.extend(self.source_mac);
        for (at, vlan) in self.vlans.iter().enumerate() {
            // The outer one of several is a service tag.
            let inner = at + 1 == self.vlans.len();
            let kind = if inner { VLAN } else { SERVICE_VLAN };
            frame.extend(kind.to_be_bytes());
            frame.extend(vlan.to_be_bytes());
        }
        match self.addresses {
            Some((IpAddr::V4(from), IpAddr::V4(to))) => {
                let above = self.above(protocol::ICMP);
                frame.extend(IPV4.to_be_bytes());
                frame.extend(ipv4(from, to, self.number(protocol::ICMP), above.len()));
                frame.extend(above);
            }
            Some((IpAddr::V6(from), IpAddr::V6(to))) => {
                let above = self.above(protocol::ICMPV6);
                frame.extend(IPV6.to_be_bytes());
                frame.extend(ipv6(from, to, self.number(protocol::ICMPV6), above.len()));
                frame.extend(above);
            }
            _ => {
                frame.extend(EXPERIMENT.to_be_bytes());
                frame.extend([0; 46]);
            }
        }
        frame
    }

    fn number(&self, icmp: u8) -> u8 {
        match self.protocol {
            Protocol::Tcp => protocol::TCP,
            Protocol::Udp => protocol::UDP,
            Protocol::Icmp => icmp,
            Protocol::Number(number) => number,
        }
    }

    /// Returns the head of what stands above IP.
    fn above(&self, icmp: u8) -> Vec<u8> {
        let ports = [
            self.source_port.to_be_bytes(),
            self.destination_port.to_be_bytes(),
        ]
        .concat();
        match self.number(icmp) {
            protocol::TCP => {
                // Sequence numbers, 20 octets of header, ACK, window, checksum, urgent pointer.
                let mut head = ports;
                head.extend([0; 8]);
                head.extend([0x50, 0x10, 0xff, 0xff, 0, 0, 0, 0]);
                head
            }
            protocol::UDP => [&ports[..], &8u16.to_be_bytes(), &[0, 0]].concat(),
            number if number == icmp => {
                // An echo request: type, code, checksum, identifier, number.
                let kind = if icmp == protocol::ICMP { 8 } else { 128 };
                let mut head = vec![kind, 0, 0, 0];
                head.extend(self.source_port.to_be_bytes());
                head.extend([0, 1]);
                head
            }
            // SCTP, DCCP and others have their ports first, too.
            _ => [&ports[..], &[0; 16]].concat(),
        }
    }
}

fn ipv4(from: Ipv4Addr, to: Ipv4Addr, protocol: u8, above: usize) -> Vec<u8> {
    let length = u16::try_from(20 + above).unwrap_or(u16::MAX);
    let mut head = vec![0x45, 0];
    head.extend(length.to_be_bytes());
    // Identification; DF; 64 hops.
    head.extend([0, 0, 0x40, 0, 64, protocol, 0, 0]);
    head.extend(from.octets());
    head.extend(to.octets());
    let words = head
        .chunks(2)
        .map(|w| u32::from(u16::from_be_bytes([w[0], w[1]])));
    let mut sum: u32 = words.sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    let sum = !(sum as u16);
    head[10..12].copy_from_slice(&sum.to_be_bytes());
    head
}

fn ipv6(from: Ipv6Addr, to: Ipv6Addr, protocol: u8, above: usize) -> Vec<u8> {
    let length = u16::try_from(above).unwrap_or(u16::MAX);
    let mut head = vec![0x60, 0, 0, 0];
    head.extend(length.to_be_bytes());
    head.extend([protocol, 64]);
    head.extend(from.octets());
    head.extend(to.octets());
    head
}

/// Reads a frame's head as people write it: hexadecimal digits, with blanks, colons or nothing between
/// the octets. What stands behind the most that the driver takes is left out.
pub fn hex(text: &str) -> Result<Vec<u8>, String> {
    let text = text.trim().trim_start_matches("0x");
    let digits = text.chars().filter(|c| !c.is_whitespace() && *c != ':');
    let digits: Vec<u8> = digits
        .map(|c| match c.to_digit(16) {
            Some(digit) => Ok(digit.to_le_bytes()[0]),
            None => Err(format!("'{c}' is no hexadecimal digit")),
        })
        .collect::<Result<_, _>>()?;
    if digits.len() % 2 != 0 {
        return Err("the last octet has one digit only".to_string());
    }
    let mut frame: Vec<u8> = digits.chunks(2).map(|d| (d[0] << 4) | d[1]).collect();
    if frame.len() < 14 {
        return Err(format!(
            "the frame has {} octets, and an Ethernet header has 14",
            frame.len()
        ));
    }
    frame.truncate(FRAME_MAX.into());
    Ok(frame)
}

/// A frame, or frames, as --frame takes them.
#[derive(Clone, Debug, PartialEq)]
pub enum Frame {
    /// The octets of one.
    Octets(Vec<u8>),
    /// The lines of stdin.
    Stdin,
}

impl std::str::FromStr for Frame {
    type Err = String;

    fn from_str(text: &str) -> Result<Frame, String> {
        match text {
            "-" => Ok(Frame::Stdin),
            text => hex(text).map(Frame::Octets),
        }
    }
}

/// The kernel's answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Number of the fate: a [`Fate`], or one of tomorrow.
    pub fate: u64,
    /// The slave's ifindex and name, where it is one.
    pub slave: Option<(u32, String)>,
    /// The hash of the flow, where one decides.
    pub hash: Option<u32>,
    /// The place or the bucket that it comes to.
    pub bucket: Option<u32>,
}

#[derive(Serialize)]
struct Told<'a> {
    bond: &'a str,
    frame: String,
    fate: Option<&'static str>,
    slave: Option<&'a str>,
    slave_index: Option<u32>,
    hash: Option<u32>,
    bucket: Option<u32>,
}

impl Answer {
    /// Reads a message; none without a fate.
    pub fn read(fields: &Fields) -> Option<Answer> {
        let slave = fields.number32(attr::SLAVE).map(|index| {
            let name = fields.text(attr::IFNAME).unwrap_or_default();
            (index, name.to_string())
        });
        Some(Answer {
            fate: fields.number(attr::FATE)?,
            slave,
            hash: fields.number32(attr::HASH),
            bucket: fields.number32(attr::BUCKET),
        })
    }

    /// Returns the answer in JSON, with the frame that was asked for.
    pub fn json<'a>(&'a self, bond: &'a str, frame: &[u8]) -> impl Serialize + use<'a> {
        let octets: Vec<String> = frame.iter().map(|b| format!("{b:02x}")).collect();
        Told {
            bond,
            frame: octets.concat(),
            fate: Fate::from_number(self.fate).map(Fate::name),
            slave: self.slave.as_ref().map(|(_, name)| name.as_str()),
            slave_index: self.slave.as_ref().map(|(index, _)| *index),
            hash: self.hash,
            bucket: self.bucket,
        }
    }

    /// Returns the answer in a sentence.
    pub fn text(&self, bond: &str) -> String {
        let slave = self.slave.as_ref().map(|(_, name)| name.as_str());
        let text = match (Fate::from_number(self.fate), slave) {
            (Some(Fate::One), Some(slave)) => format!("{slave} would carry this flow of {bond}"),
            (Some(Fate::One), None) => format!("one slave of {bond} would carry this flow"),
            (Some(Fate::None), _) => {
                format!("no slave of {bond} can carry this flow: its frames would be dropped")
            }
            (Some(Fate::All), _) => {
                format!("each slave of {bond} with a link would carry a copy of this frame")
            }
            (Some(Fate::Turn), _) => format!(
                "the slaves of {bond} would carry the frames of this flow in turn, each the next one"
            ),
            (Some(Fate::Lot), _) => {
                format!("a slave of {bond} would be drawn by lot for each frame of this flow")
            }
            (None, _) => format!(
                "the kernel's answer for this flow of {bond} is {}, which this command does not \
                 know",
                self.fate
            ),
        };
        let mut more = Vec::new();
        more.extend(self.hash.map(|hash| format!("hash {hash:#010x}")));
        more.extend(self.bucket.map(|bucket| format!("bucket {bucket}")));
        match more.is_empty() {
            true => text,
            false => format!("{text} ({})", more.join(", ")),
        }
    }
}
