// SPDX-License-Identifier: GPL-2.0

//! The kernel's networking as safe types: the only crate of the driver with `unsafe`.
//!
//! Who holds which lock is a value: [`Rtnl`] stands for the RTNL mutex, [`Rcu`] for an
//! RCU read-side section. A function that needs one takes it as an argument.

// bug 33: memory is asked for by calls that return a Result; none of the kernel's crate ends in BUG

pub mod abi;
pub mod anchor;
mod claim;
pub mod device;
pub mod dissect;
pub mod driver;
pub mod errno;
pub mod ethtool;
pub mod event;
mod headers;
mod hwtstamp;
pub mod info;
mod ioctl;
pub mod lock;
pub mod log;
pub mod masters;
pub mod netlink;
pub mod netpoll;
pub mod notifier;
pub mod params;
pub mod percpu;
pub mod port;
pub mod prelude;
pub mod probe;
pub mod proc;
pub mod random;
pub mod rcu;
mod rdma;
pub mod rival;
pub mod rtnl;
pub mod rtnl_work;
pub mod skb;
pub mod stats;
pub mod sysfs;
#[cfg(CONFIG_KUNIT = "y")]
pub mod tests;
pub mod text;
pub mod time;
pub mod vtable;
pub mod work;
pub mod xdp;
pub mod xfrm;
mod xstats;

pub use device::{DevRef, NetDevice};
pub use driver::Driver;
pub use rcu::Rcu;
pub use rtnl::Rtnl;
