// SPDX-License-Identifier: GPL-2.0

//! The crate that rustc wants to find beside core. It is empty: the kernel has memcpy() and its
//! kin, and nothing else is called.

#![feature(compiler_builtins)]
#![compiler_builtins]
#![allow(internal_features)]
#![no_std]
