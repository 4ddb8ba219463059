// SPDX-License-Identifier: GPL-2.0

//! Every option of a bond and its slaves: what it is called, what it can be set to and when, how
//! it is read and printed.
//!
//! A front end (netlink, sysfs, ioctl) turns what it was given into [`Value`]s and calls
//! [`check()`], which judges the whole request against the table, the [`Params`] and the present
//! state, the [`World`]. A [`Refusal`] names option, value and reason, the errno and the attribute
//! to blame. Otherwise the [`Plan`] holds the new parameters and what is to be done besides.
//! Names, values and errnos are those of Documentation/networking/bonding.rst and of native
//! bonding; what is different is listed at [`check()`].

mod check;
mod module;
mod name;
mod params;
mod readings;
mod refusal;
mod show;
mod spec;
mod table;
mod targets;
mod value;

pub use check::{check, Activate, Membership, Plan, Slave, SlaveChange, World};
pub use module::{module, ModuleDefaults, ModuleParams, DEFAULT_TX_QUEUES};
pub use name::Name;
pub use params::{
    AdSelect, ArpAllTargets, ArpValidate, FailOverMac, LacpRate, Params, PrimaryReselect,
    DEFAULT_MIIMON,
};
pub use readings::{Reading, SlaveReading};
pub use refusal::{Errno, Note, Notes, Quote, Reason, Refusal};
pub use show::{fill, show, Payload, View};
pub use spec::{Attr, Kind, Numbers, Spec, Telling, Width};
pub use table::Opt;
pub use targets::{Ip4, Ip6, TargetError, Targets};
pub use value::Value;
