// SPDX-License-Identifier: GPL-2.0

//! The clients, found by their address and kept in the order in which they came.
//!
//! A fixed number of places, which the caller supplies. Places are named by their index; links
//! between them are indices too, and [`END`] is none.

use crate::balance::{simple_hash, SlaveId};
use crate::mac::Mac;
use crate::wire::eth::Tag;
use core::net::Ipv4Addr;

/// Number of clients that a bond of native bonding keeps, and of places that a caller supplies:
/// 256.
pub const CLIENTS: usize = 256;

const END: u16 = u16::MAX;

/// A peer that was told, or asked, by ARP: which slave it sends to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// The address on this side.
    pub ip_src: Ipv4Addr,
    /// The client's address.
    pub ip_dst: Ipv4Addr,
    /// The MAC that this side had in the ARP packet.
    pub mac_src: Mac,
    /// The client's MAC; zero or broadcast until it is known.
    pub mac_dst: Mac,
    /// The slave whose MAC it is told; None while no slave can be used.
    pub slave: Option<SlaveId>,
    /// The VLAN it is reached by.
    pub tag: Option<Tag>,
    /// It is to be told its slave's MAC.
    pub ntt: bool,
}

impl Client {
    /// The VLAN id, 0 without a tag.
    pub fn vlan(&self) -> u16 {
        vlan_id(self.tag)
    }
}

/// The id of a tag, 0 of none.
pub(super) fn vlan_id(tag: Option<Tag>) -> u16 {
    tag.map_or(0, Tag::id)
}

/// A place for a client.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    client: Client,
    /// The next with the same hash, or the next free one.
    next: u16,
    older: u16,
    newer: u16,
}

impl Place {
    /// A free place.
    pub const FREE: Place = Place {
        client: Client {
            ip_src: Ipv4Addr::UNSPECIFIED,
            ip_dst: Ipv4Addr::UNSPECIFIED,
            mac_src: Mac::ZERO,
            mac_dst: Mac::ZERO,
            slave: None,
            tag: None,
            ntt: false,
        },
        next: END,
        older: END,
        newer: END,
    };
}

/// All clients. `T` owns the places: an array, a boxed one, a vector.
#[derive(Debug)]
pub(super) struct Clients<T> {
    places: T,
    /// The first client of each hash of `ip_dst`.
    chains: [u16; 256],
    /// Number of clients for each hash of `ip_src`, so that ARP packets of strangers are told by
    /// one look.
    sources: [u16; 256],
    free: u16,
    newest: u16,
    oldest: u16,
}

impl<T: core::ops::DerefMut<Target = [Place]>> Clients<T> {
    /// No clients in `places`, of which at most 65535 are used.
    pub(super) fn new(mut places: T) -> Clients<T> {
        let mut free = END;
        for (place, index) in places.iter_mut().zip(0..END) {
            *place = Place {
                next: free,
                ..Place::FREE
            };
            free = index;
        }
        Clients {
            places,
            chains: [END; 256],
            sources: [0; 256],
            free,
            newest: END,
            oldest: END,
        }
    }

    pub(super) fn get(&self, index: u16) -> Option<&Client> {
        self.places
            .get(usize::from(index))
            .map(|place| &place.client)
    }

    /// The keys of a client (its addresses and its VLAN) must be left as they are.
    pub(super) fn get_mut(&mut self, index: u16) -> Option<&mut Client> {
        self.places
            .get_mut(usize::from(index))
            .map(|place| &mut place.client)
    }

    /// The client with these keys.
    pub(super) fn find(&self, ip_src: Ipv4Addr, ip_dst: Ipv4Addr, vlan: u16) -> Option<u16> {
        let mut at = *self
            .chains
            .get(usize::from(simple_hash(&ip_dst.octets())))?;
        while let Some(place) = self.places.get(usize::from(at)) {
            let client = &place.client;
            if client.ip_src == ip_src && client.ip_dst == ip_dst && client.vlan() == vlan {
                return Some(at);
            }
            at = place.next;
        }
        None
    }

    /// Some client may have this `ip_src`.
    pub(super) fn has_source(&self, ip_src: Ipv4Addr) -> bool {
        self.sources
            .get(usize::from(simple_hash(&ip_src.octets())))
            .is_some_and(|count| *count > 0)
    }

    /// The indices from the newest client to the oldest. What a loop over them removes is the
    /// client just seen.
    pub(super) fn newest(&self) -> Option<u16> {
        Some(self.newest).filter(|at| *at != END)
    }

    /// The one that came before.
    pub(super) fn older(&self, index: u16) -> Option<u16> {
        self.places
            .get(usize::from(index))
            .map(|place| place.older)
            .filter(|at| *at != END)
    }

    /// The client that has been here longest, if it has to go for another to come.
    pub(super) fn in_the_way(&self) -> Option<u16> {
        Some(self.oldest).filter(|at| self.free == END && *at != END)
    }

    /// Takes in a client whose keys are not there yet; no place, no client.
    pub(super) fn insert(&mut self, client: Client) {
        let index = self.free;
        let chain = self
            .chains
            .get_mut(usize::from(simple_hash(&client.ip_dst.octets())));
        let Some(place) = self.places.get_mut(usize::from(index)) else {
            return;
        };
        self.free = place.next;
        let first = chain.map_or(END, |first| core::mem::replace(first, index));
        *place = Place {
            client,
            next: first,
            older: self.newest,
            newer: END,
        };
        match self.places.get_mut(usize::from(self.newest)) {
            Some(place) => place.newer = index,
            None => self.oldest = index,
        }
        self.newest = index;
        self.count_source(client.ip_src, 1);
    }

    /// Takes a client out, and its place is free.
    pub(super) fn remove(&mut self, index: u16) {
        let Some(&Place {
            client,
            next,
            older,
            newer,
        }) = self.places.get(usize::from(index))
        else {
            return;
        };
        let Some(first) = self
            .chains
            .get_mut(usize::from(simple_hash(&client.ip_dst.octets())))
        else {
            return;
        };
        if *first == index {
            *first = next;
        } else {
            let mut at = *first;
            loop {
                match self.places.get_mut(usize::from(at)) {
                    Some(place) if place.next == index => {
                        place.next = next;
                        break;
                    }
                    Some(place) => at = place.next,
                    // It is in no chain: its place is free already.
                    None => return,
                }
            }
        }
        match self.places.get_mut(usize::from(newer)) {
            Some(place) => place.older = older,
            None => self.newest = older,
        }
        match self.places.get_mut(usize::from(older)) {
            Some(place) => place.newer = newer,
            None => self.oldest = newer,
        }
        if let Some(place) = self.places.get_mut(usize::from(index)) {
            *place = Place {
                next: self.free,
                ..Place::FREE
            };
            self.free = index;
        }
        self.count_source(client.ip_src, -1);
    }

    fn count_source(&mut self, ip_src: Ipv4Addr, change: i16) {
        if let Some(count) = self
            .sources
            .get_mut(usize::from(simple_hash(&ip_src.octets())))
        {
            *count = count.saturating_add_signed(change);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seen from outside, a source that is still counted costs time and no more.
    #[test]
    fn sources_are_forgotten() {
        let mut places = [Place::FREE; 2];
        let mut table = Clients::new(&mut places[..]);
        let ip = Ipv4Addr::new(10, 0, 0, 1);
        let client = Client {
            ip_src: ip,
            ..Place::FREE.client
        };
        table.insert(client);
        table.insert(Client {
            ip_dst: ip,
            ..client
        });
        for left in [true, false] {
            table.remove(table.newest().unwrap());
            assert_eq!(table.has_source(ip), left);
        }
    }
}
