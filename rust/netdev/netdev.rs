// SPDX-License-Identifier: GPL-2.0

//! The kernel's network devices as safe types, under C's names: enough to write a driver without `unsafe`.
//! It knows no bond and no protocol; `samples` has the smallest drivers there can be.
//!
//! A held lock is a value: [`Rtnl`] stands for the RTNL mutex, [`Rcu`] for an RCU read-side
//! section. A function that needs one takes it as an argument.

// bug 33: memory is asked for by calls that return a Result; none of the kernel's crate ends in BUG

pub mod above;
pub mod anchor;
pub mod claim;
pub mod device;
pub mod dissect;
pub mod driver;
pub mod errno;
pub mod ethtool;
pub mod event;
pub mod genetlink;
mod group;
pub mod headers;
pub mod hwtstamp;
pub mod ioctl;
pub mod link;
pub mod lock;
pub mod log;
mod names;
pub mod netlink;
pub mod netpoll;
pub mod notifier;
pub mod offers;
pub mod ops;
pub mod percpu;
pub mod port;
pub mod prelude;
pub mod probe;
pub mod random;
pub mod rcu;
pub mod rdma;
pub mod rtnl;
pub mod rtnl_work;
pub mod skb;
pub mod stats;
pub mod sysfs;
#[cfg(CONFIG_KUNIT = "y")]
pub mod tests;
pub mod text;
pub mod time;
pub mod upper;
pub mod vtable;
pub mod work;
pub mod xdp;
pub mod xfrm;
pub mod xstats;

pub use device::{DevRef, NetDevice};
pub use driver::Driver;
pub use rcu::Rcu;
pub use rtnl::Rtnl;
pub use upper::Upper;
