// SPDX-License-Identifier: GPL-2.0

//! The doors: each turns what it is given into a request, and what there is into its own form.

pub(crate) mod family;
pub(crate) mod ioctl;
pub(crate) mod netlink;
pub(crate) mod procfs;
pub(crate) mod sysfs;
