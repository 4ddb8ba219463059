// SPDX-License-Identifier: GPL-2.0

//! bindgen's view of the kernel's networking, and nothing else.
//!
//! The kernel's own `bindings` crate knows `net_device` by name only, so the driver brings its
//! own. Only `rust/netdev` and `rust/compat` use this crate.

#![allow(
    clippy::all,
    clippy::pedantic,
    clippy::restriction,
    missing_docs,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals,
    dead_code,
    improper_ctypes,
    unknown_lints,
    unnecessary_transmutes,
    unreachable_pub,
    unsafe_op_in_unsafe_fn
)]

use kernel::ffi;

type __kernel_size_t = usize;
type __kernel_ssize_t = isize;
type __kernel_ptrdiff_t = isize;

include!("generated.rs");
