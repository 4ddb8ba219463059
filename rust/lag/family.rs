// SPDX-License-Identifier: GPL-2.0

//! The generic netlink family `rustbond`: its commands, attributes and numbers, told once.
//!
//! The driver answers by these tables, the command reads by them, and
//! Documentation/netlink/rustbond.yaml is made from them.

use crate::history::{Cause, What};
use crate::lacp::reason::Reason;
use crate::mode::Mode;
use crate::monitor::Status;
use crate::named::named;

/// The family's name.
pub const NAME: &str = "rustbond";
/// The family's version.
pub const VERSION: u8 = 1;
/// The multicast group in which each record is told.
pub const EVENTS: &str = "events";
/// The most octets of a frame that [`flow::FRAME`] takes.
pub const FRAME_MAX: u16 = 256;

/// The form of what an attribute carries; numbers are in the order of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Four octets.
    U32,
    /// Four octets, or eight where the number needs them (`uint`).
    Uint,
    /// Four octets: a number of this enum.
    Enum(&'static str),
    /// Text that ends with a zero.
    Text,
    /// A MAC.
    Mac,
    /// Up to so many octets.
    Octets(u16),
    /// The attributes of this set.
    Nest(&'static str),
}

/// An attribute.
#[derive(Clone, Copy, Debug)]
pub struct Attr {
    /// Its number, from 1 on without a gap.
    pub number: u16,
    /// Its name.
    pub name: &'static str,
    /// The form of what it carries.
    pub kind: Kind,
    /// Its meaning.
    pub doc: &'static str,
}

/// The attributes of a message, or of a nest.
#[derive(Clone, Copy, Debug)]
pub struct Set {
    /// Its name.
    pub name: &'static str,
    /// Its subject.
    pub doc: &'static str,
    /// The attributes, by number.
    pub attrs: &'static [Attr],
}

/// The values of an enum.
#[derive(Clone, Copy, Debug)]
pub struct Enum {
    /// Its name.
    pub name: &'static str,
    /// Its subject.
    pub doc: &'static str,
    /// Name and number of each value.
    pub values: &'static [(&'static str, i64)],
    /// A description of each, in the same order; none where the name says all.
    pub texts: &'static [&'static str],
}

/// An attribute of a request, and the form of what it carries.
pub type Wanted = (u16, Kind);

/// A command, as the driver has to know it.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    /// Its number, from 1 on without a gap.
    pub number: u8,
    /// Attributes of a request for one; none where there is only a dump.
    pub one: &'static [Wanted],
    /// Attributes of a request for a dump.
    pub dump: Option<&'static [Wanted]>,
    /// Only for who has CAP_NET_ADMIN in the network namespace.
    pub admin: bool,
}

impl Command {
    fn wanted(&self) -> impl Iterator<Item = &Wanted> {
        Iterator::chain(self.one.iter(), self.dump.unwrap_or(&[]))
    }

    /// The highest attribute of a request.
    pub fn max_attr(&self) -> u16 {
        self.wanted().map(|(number, _)| *number).max().unwrap_or(0)
    }

    /// The form of an attribute of a request; none of one that no request has.
    pub fn takes(&self, number: u16) -> Option<Kind> {
        let (_, kind) = self.wanted().find(|(wanted, _)| *wanted == number)?;
        Some(*kind)
    }
}

/// A command, as people have to know it.
#[derive(Clone, Copy, Debug)]
pub struct Telling {
    /// Its name.
    pub name: &'static str,
    /// Its answer.
    pub doc: &'static str,
    /// The set of its attributes.
    pub set: Set,
}

/// Declares a set of attributes: a module with their numbers, and the table.
macro_rules! set {
    ($(#[doc = $doc:literal])* $module:ident, $set:literal {
        $($(#[doc = $text:literal])* $name:ident = $number:literal, $word:literal, $kind:expr;)*
    }) => {
        $(#[doc = $doc])*
        pub mod $module {
            use super::Kind;

            $($(#[doc = $text])* pub const $name: u16 = $number;)*

            /// Their names, by number from 1 on.
            pub const NAMES: &[&str] = &[$($word,)*];

            /// All of them.
            pub const SET: super::Set = super::Set {
                name: $set,
                doc: concat!($($doc),*),
                attrs: &[$(super::Attr {
                    number: $number,
                    name: $word,
                    kind: $kind,
                    doc: concat!($($text),*),
                },)*],
            };
        }
    };
}

set! {
    /// A bond.
    bonds, "bond" {
        /// Its ifindex.
        IFINDEX = 1, "ifindex", Kind::U32;
        /// Its name.
        IFNAME = 2, "ifname", Kind::Text;
        /// Its mode.
        MODE = 3, "mode", Kind::Enum("mode");
        /// 1 if it has a carrier, else 0.
        CARRIER = 4, "carrier", Kind::U32;
        /// The ifindex of the active slave; left out if there is none.
        ACTIVE = 5, "active", Kind::U32;
        /// The ifindex of the primary, if that is a slave.
        PRIMARY = 6, "primary", Kind::U32;
        /// Number of its slaves.
        SLAVES = 7, "slaves", Kind::U32;
        /// The number of the last record; 0 if there was none.
        RECORDS = 8, "records", Kind::Uint;
        /// Number of the last records that can still be had.
        RECORDS_KEPT = 9, "records-kept", Kind::U32;
        /// Counters since the bond was made.
        COUNTERS = 10, "counters", Kind::Nest("bond-counters");
        /// LACP; in 802.3ad only.
        LACP = 11, "lacp", Kind::Nest("lacp");
    }
}

set! {
    /// Counters of a bond.
    bond_counters, "bond-counters" {
        /// Changes of the active slave to another one.
        FAILOVERS = 1, "failovers", Kind::Uint;
        /// Losses of the bond's carrier and its returns.
        CARRIER_CHANGES = 2, "carrier-changes", Kind::Uint;
        /// Changes of the active aggregator.
        AGGREGATOR_CHANGES = 3, "aggregator-changes", Kind::Uint;
        /// Packets dropped because no slave can send.
        TX_NO_SLAVE = 4, "tx-no-slave", Kind::Uint;
        /// Packets dropped for want of memory.
        TX_NO_MEMORY = 5, "tx-no-memory", Kind::Uint;
        /// Flows that were moved to another slave because theirs failed: buckets of balance-tlb and
        /// balance-alb.
        FLOWS_MOVED = 6, "flows-moved", Kind::Uint;
        /// Flows that came to another slave by a rebalancing: buckets of balance-tlb and balance-alb.
        FLOWS_REBALANCED = 7, "flows-rebalanced", Kind::Uint;
        /// Clients that balance-alb has given to another slave.
        CLIENTS_MOVED = 8, "clients-moved", Kind::Uint;
    }
}

set! {
    /// LACP of a bond.
    lacp, "lacp" {
        /// The active aggregator's number.
        AGGREGATOR = 1, "aggregator", Kind::U32;
        /// Ports of it that have a link.
        PORTS = 2, "ports", Kind::U32;
        /// Their key.
        ACTOR_KEY = 3, "actor-key", Kind::U32;
        /// The key of the partner's ports.
        PARTNER_KEY = 4, "partner-key", Kind::U32;
        /// The partner's system; zero if there is none.
        PARTNER = 5, "partner", Kind::Mac;
        /// The bond's own system. CAP_NET_ADMIN.
        SYSTEM = 6, "system", Kind::Mac;
        /// The priority of it. CAP_NET_ADMIN.
        SYSTEM_PRIORITY = 7, "system-priority", Kind::U32;
        /// Slow Protocols PDUs of all ports.
        PDUS = 8, "pdus", Kind::Nest("pdus");
    }
}

set! {
    /// A slave.
    slave, "slave" {
        /// The ifindex of its bond.
        BOND = 1, "bond", Kind::U32;
        /// Its ifindex.
        IFINDEX = 2, "ifindex", Kind::U32;
        /// Its name.
        IFNAME = 3, "ifname", Kind::Text;
        /// Its link, as the monitor has it. One that ARP monitoring tries because none is up is down.
        LINK = 4, "link", Kind::Enum("link");
        /// The traffic that it may carry for the bond.
        USABILITY = 5, "usability", Kind::Enum("usability");
        /// Its speed in Mbit/s; left out if it is not known.
        SPEED = 6, "speed", Kind::U32;
        /// Its duplex: 0 half, 1 full; left out if it is not known.
        DUPLEX = 7, "duplex", Kind::U32;
        /// Counters since it joined.
        COUNTERS = 8, "counters", Kind::Nest("slave-counters");
        /// LACP; in 802.3ad only.
        LACP = 9, "lacp", Kind::Nest("port");
    }
}

set! {
    /// Counters of a slave.
    slave_counters, "slave-counters" {
        /// Failures of its link.
        LINK_FAILURES = 1, "link-failures", Kind::Uint;
        /// Rounds of ARP requests or neighbour solicitations that were sent by it.
        PROBES_SENT = 2, "probes-sent", Kind::Uint;
        /// Answers of targets that came in by it.
        PROBES_ANSWERED = 3, "probes-answered", Kind::Uint;
        /// Packets that the device has sent, by its own count.
        TX_PACKETS = 4, "tx-packets", Kind::Uint;
        /// Packets that it has received, by its own count.
        RX_PACKETS = 5, "rx-packets", Kind::Uint;
    }
}

set! {
    /// LACP of a slave.
    port, "port" {
        /// The reason for which it is not used; 0 if it is.
        REASON = 1, "reason", Kind::Enum("reason");
        /// Its aggregator's number; 0 if it has none.
        AGGREGATOR = 2, "aggregator", Kind::U32;
        /// This end of the link. CAP_NET_ADMIN.
        ACTOR = 3, "actor", Kind::Nest("end");
        /// The other end of the link. CAP_NET_ADMIN.
        PARTNER = 4, "partner", Kind::Nest("end");
        /// The state of the Receive machine.
        RECEIVE = 5, "receive", Kind::Text;
        /// The state of the Periodic Transmission machine.
        PERIODIC = 6, "periodic", Kind::Text;
        /// The state of the Mux machine.
        MUX = 7, "mux", Kind::Text;
        /// The state of the Churn machine that watches this end.
        ACTOR_CHURN = 8, "actor-churn", Kind::Text;
        /// The state of the Churn machine that watches the partner.
        PARTNER_CHURN = 9, "partner-churn", Kind::Text;
        /// Milliseconds until the partner is taken for lost; left out while that timer does not run.
        CURRENT_WHILE = 10, "current-while", Kind::U32;
        /// Milliseconds until the next LACPDU is due.
        PERIODIC_TIMER = 11, "periodic-timer", Kind::U32;
        /// Milliseconds for which it still waits for others of its aggregator.
        WAIT_WHILE = 12, "wait-while", Kind::U32;
        /// LACPDUs of other systems that the partner has contradicted.
        STRAYS = 13, "strays", Kind::Uint;
        /// LACPDUs that were more than anybody needs.
        DROPPED = 14, "dropped", Kind::Uint;
        /// Slow Protocols PDUs.
        PDUS = 15, "pdus", Kind::Nest("pdus");
    }
}

set! {
    /// One end of a link, as its LACPDUs describe it.
    end, "end" {
        /// Priority of the system.
        SYSTEM_PRIORITY = 1, "system-priority", Kind::U32;
        /// The system.
        SYSTEM = 2, "system", Kind::Mac;
        /// The key of the port.
        KEY = 3, "key", Kind::U32;
        /// Priority of the port.
        PORT_PRIORITY = 4, "port-priority", Kind::U32;
        /// Number of the port.
        PORT = 5, "port", Kind::U32;
        /// The eight bits of its state. IEEE 802.1AX-2014, 6.4.2.3.
        STATE = 6, "state", Kind::U32;
    }
}

set! {
    /// Slow Protocols PDUs, counted. In the order of BOND_3AD_STAT_*.
    pdus, "pdus" {
        /// LACPDUs received.
        LACPDU_RX = 1, "lacpdu-rx", Kind::Uint;
        /// LACPDUs sent.
        LACPDU_TX = 2, "lacpdu-tx", Kind::Uint;
        /// PDUs of other Slow Protocols received.
        UNKNOWN_RX = 3, "unknown-rx", Kind::Uint;
        /// Badly formed PDUs received.
        ILLEGAL_RX = 4, "illegal-rx", Kind::Uint;
        /// Markers received.
        MARKER_RX = 5, "marker-rx", Kind::Uint;
        /// Markers sent.
        MARKER_TX = 6, "marker-tx", Kind::Uint;
        /// Marker Responses received.
        RESPONSE_RX = 7, "response-rx", Kind::Uint;
        /// Marker Responses sent.
        RESPONSE_TX = 8, "response-tx", Kind::Uint;
        /// Markers of unknown type received.
        MARKER_UNKNOWN_RX = 9, "marker-unknown-rx", Kind::Uint;
    }
}

set! {
    /// A change of the state of a bond or a slave.
    record, "record" {
        /// The ifindex of the bond.
        BOND = 1, "bond", Kind::U32;
        /// Its number: the bond's first has 1, each next one the next. In a request: only those behind
        /// this number. Where the first that comes has not the number asked for and one, those
        /// between have been overwritten.
        SEQ = 2, "seq", Kind::Uint;
        /// Time of the change, in nanoseconds of CLOCK_MONOTONIC.
        MONOTONIC = 3, "monotonic", Kind::Uint;
        /// Time of the change, in nanoseconds since 1970-01-01 UTC.
        WALL = 4, "wall", Kind::Uint;
        /// The property that has changed.
        WHAT = 5, "what", Kind::Enum("what");
        /// The cause.
        CAUSE = 6, "cause", Kind::Enum("cause");
        /// The value before.
        FROM = 7, "from", Kind::Uint;
        /// The value now.
        TO = 8, "to", Kind::Uint;
        /// The ifindex of the slave; left out of a change of the bond itself.
        SLAVE = 9, "slave", Kind::U32;
        /// The slave's name at that time.
        IFNAME = 10, "ifname", Kind::Text;
        /// The option that was changed.
        OPTION = 11, "option", Kind::Text;
        /// LACP's reason, where that is the cause.
        REASON = 12, "reason", Kind::Enum("reason");
        /// The bond's name.
        BOND_IFNAME = 13, "bond-ifname", Kind::Text;
    }
}

set! {
    /// A flow, and the slave that carries it.
    flow, "flow" {
        /// The ifindex of the bond.
        BOND = 1, "bond", Kind::U32;
        /// The head of a frame, from its destination MAC on.
        FRAME = 2, "frame", Kind::Octets(super::FRAME_MAX);
        /// The slaves by which that frame would be sent now.
        FATE = 3, "fate", Kind::Enum("fate");
        /// The ifindex of the slave that would send it.
        SLAVE = 4, "slave", Kind::U32;
        /// The slave's name.
        IFNAME = 5, "ifname", Kind::Text;
        /// The hash of the flow, where one decides.
        HASH = 6, "hash", Kind::U32;
        /// The place or the bucket that it comes to, where there are any.
        BUCKET = 7, "bucket", Kind::U32;
    }
}

named! {
    /// The slaves by which a frame is sent.
    Fate {
        /// By none: it would be dropped.
        #[default]
        None = 0, "none";
        /// By one.
        One = 1, "one";
        /// By all that have a link.
        All = 2, "all";
        /// By the one whose turn it is; the next frame goes by another.
        Turn = 3, "turn";
        /// By one that is drawn by lot.
        Lot = 4, "lot";
    }
}

named! {
    /// The traffic that a slave may carry for its bond.
    Usability {
        /// None.
        #[default]
        Blocked = 0, "blocked";
        /// It receives only.
        Collecting = 1, "collecting";
        /// It receives and transmits.
        Distributing = 2, "distributing";
    }
}

/// Name and number of a state of a link.
const fn link(status: Status) -> (&'static str, i64) {
    let name = match status {
        Status::Up => "up",
        Status::Fail => "going-down",
        Status::Down => "down",
        Status::Back => "coming-up",
    };
    (name, status.number() as i64)
}

/// Word and number of a reason.
const fn reason(reason: Reason) -> (&'static str, i64) {
    (reason.word(), reason.number() as i64)
}

/// The enums, in the order in which they are told.
pub const ENUMS: &[Enum] = &[
    Enum {
        name: "mode",
        doc: "The mode of a bond. IFLA_BOND_MODE.",
        values: Mode::WORDS,
        texts: Mode::TEXTS,
    },
    Enum {
        name: "link",
        doc: "The state of a link. IFLA_BOND_SLAVE_MII_STATUS.",
        values: &[
            link(Status::Up),
            link(Status::Fail),
            link(Status::Down),
            link(Status::Back),
        ],
        texts: &[],
    },
    Enum {
        name: "usability",
        doc: "The traffic that a slave may carry for its bond.",
        values: Usability::WORDS,
        texts: Usability::TEXTS,
    },
    Enum {
        name: "reason",
        doc: "The reason for which LACP does not use a slave.",
        values: &[
            ("none", 0),
            reason(Reason::BondDown),
            reason(Reason::LinkDown),
            reason(Reason::SpeedUnknown),
            reason(Reason::HalfDuplex),
            reason(Reason::Loopback),
            reason(Reason::NoPartner),
            reason(Reason::PartnerSilent),
            reason(Reason::NotActive { active: 0 }),
            reason(Reason::Waiting),
            reason(Reason::PartnerMismatch),
            reason(Reason::PartnerOutOfSync),
            reason(Reason::PartnerNotCollecting),
            reason(Reason::Disputed),
        ],
        texts: &[],
    },
    Enum {
        name: "what",
        doc: "The property of a bond or a slave that has changed.",
        values: What::WORDS,
        texts: What::TEXTS,
    },
    Enum {
        name: "cause",
        doc: "The cause of a change.",
        values: Cause::WORDS,
        texts: Cause::TEXTS,
    },
    Enum {
        name: "fate",
        doc: "The slaves by which a frame is sent.",
        values: Fate::WORDS,
        texts: Fate::TEXTS,
    },
];

/// The sets, in the order in which they are told.
pub const SETS: &[&Set] = &[
    &bonds::SET,
    &bond_counters::SET,
    &lacp::SET,
    &slave::SET,
    &slave_counters::SET,
    &port::SET,
    &end::SET,
    &pdus::SET,
    &record::SET,
    &flow::SET,
];

/// The number of `bond-get`.
pub const BOND_GET: u8 = 1;
/// The number of `slave-get`.
pub const SLAVE_GET: u8 = 2;
/// The number of `history-get`.
pub const HISTORY_GET: u8 = 3;
/// The number of `flow-get`.
pub const FLOW_GET: u8 = 4;
/// The number of the message that tells of a record as it is made.
pub const RECORD_NTF: u8 = 5;

/// The commands, in the order of their numbers.
pub const COMMANDS: &[Command] = &[
    Command {
        number: BOND_GET,
        one: &[(bonds::IFINDEX, Kind::U32)],
        dump: Some(&[]),
        admin: false,
    },
    Command {
        number: SLAVE_GET,
        one: &[(slave::BOND, Kind::U32), (slave::IFINDEX, Kind::U32)],
        dump: Some(&[(slave::BOND, Kind::U32)]),
        admin: false,
    },
    Command {
        number: HISTORY_GET,
        one: &[],
        dump: Some(&[(record::BOND, Kind::U32), (record::SEQ, Kind::Uint)]),
        admin: false,
    },
    Command {
        number: FLOW_GET,
        one: &[
            (flow::BOND, Kind::U32),
            (flow::FRAME, Kind::Octets(FRAME_MAX)),
        ],
        dump: None,
        admin: true,
    },
];

/// The same, for people.
pub const TELLINGS: &[Telling] = &[
    Telling {
        name: "bond-get",
        doc: "One bond, or all of the network namespace.",
        set: bonds::SET,
    },
    Telling {
        name: "slave-get",
        doc: "One slave of a bond; or all slaves, of that bond or of all bonds.",
        set: slave::SET,
    },
    Telling {
        name: "history-get",
        doc: "The last records of a bond.",
        set: record::SET,
    },
    Telling {
        name: "flow-get",
        doc: "The slave by which a frame would be sent now.",
        set: flow::SET,
    },
];

/// The message that tells of a record as it is made, for people; its number is [`RECORD_NTF`].
pub const RECORD_TELLING: Telling = Telling {
    name: "record-ntf",
    doc: "A record that has just been made.",
    set: record::SET,
};
