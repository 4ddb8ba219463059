// SPDX-License-Identifier: GPL-2.0

//! Names that every file of the driver begins with: of the kernel's crate, those that do not change
//! from release to release.

pub use core::pin::Pin;
pub use kernel::prelude::{fmt, InPlaceInit as _, KBox, KVec, GFP_ATOMIC, GFP_KERNEL};
pub use kernel::str::CStrExt as _;

pub use crate::errno::{code::*, from_result, to_result, Error, Result};
