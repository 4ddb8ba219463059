// SPDX-License-Identifier: GPL-2.0

//! Stands in for `entry.c` by the host's C library: memory that is watched, and can be
//! made to run out; a mutex.

use std::{
    cell::Cell,
    collections::BTreeMap,
    ffi::c_void,
    sync::{
        atomic::{AtomicBool, Ordering},
        Mutex,
    },
    thread::{self, ThreadId},
};

extern "C" {
    fn aligned_alloc(align: usize, size: usize) -> *mut u8;
    #[link_name = "free"]
    fn c_free(at: *mut u8);
}

const ZERO: u32 = 2;

/// Memory that is allocated and not freed: its size, and who allocated it.
static LIVE: Mutex<BTreeMap<usize, (usize, ThreadId)>> = Mutex::new(BTreeMap::new());

thread_local! {
    /// Number of allocations of this thread that succeed before one fails.
    static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
}

fn with_live<R>(f: impl FnOnce(&mut BTreeMap<usize, (usize, ThreadId)>) -> R) -> R {
    f(&mut LIVE.lock().unwrap_or_else(|poisoned| poisoned.into_inner()))
}

/// Number of allocations of this thread that are alive.
pub(super) fn live() -> usize {
    let us = thread::current().id();
    with_live(|live| live.values().filter(|(_, by)| *by == us).count())
}

/// The allocation after the next `n` fails.
pub(super) fn fail_after(n: usize) {
    LEFT.set(Some(n));
}

/// Watches the memory of this thread; at its end all of it has to be freed.
pub(super) struct Memory(());

impl Memory {
    pub(super) fn watch() -> Self {
        assert_eq!(live(), 0);
        Memory(())
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        LEFT.set(None);
        if !thread::panicking() {
            assert_eq!(live(), 0, "not all was freed");
        }
    }
}

/// As kmalloc() does it: aligned by the largest power of two that divides the size, and full of what
/// was there before.
fn allocate(size: usize, flags: u32) -> *mut u8 {
    match LEFT.get() {
        Some(0) => {
            LEFT.set(None);
            return core::ptr::null_mut();
        }
        Some(n) => LEFT.set(Some(n - 1)),
        None => (),
    }
    let align = (1 << size.trailing_zeros()).clamp(8, 4096);
    // SAFETY: The alignment is a power of two, and the size is given in whole ones of it.
    let at = unsafe { aligned_alloc(align, size.next_multiple_of(align)) };
    assert!(!at.is_null());
    // SAFETY: So much was allocated.
    unsafe { at.write_bytes(if flags & ZERO != 0 { 0 } else { 0xa5 }, size) };
    with_live(|live| live.insert(at.addr(), (size, thread::current().id())));
    at
}

/// Frees what was allocated; what is read later reads as garbage.
fn release(at: *mut u8) {
    let (size, _) = with_live(|live| live.remove(&at.addr())).expect("freed what is not allocated");
    // SAFETY: It is as large as that.
    unsafe { at.write_bytes(0x5a, size) };
    // SAFETY: It is from aligned_alloc(), and not freed yet.
    unsafe { c_free(at) };
}

#[no_mangle]
extern "C" fn rb_lite_realloc(old: *mut u8, size: usize, flags: u32) -> *mut u8 {
    assert!(size > 0, "nothing asks for no memory");
    let new = allocate(size, flags);
    if old.is_null() || new.is_null() {
        return new;
    }
    let (before, _) = with_live(|live| live[&old.addr()]);
    // SAFETY: Both are as large as that.
    unsafe { new.copy_from_nonoverlapping(old, before.min(size)) };
    release(old);
    new
}

#[no_mangle]
extern "C" fn rb_lite_free(at: *mut u8) {
    release(at);
}

#[no_mangle]
extern "C" fn rb_lite_mutex_new() -> *mut c_void {
    let at = allocate(size_of::<AtomicBool>(), ZERO);
    at.cast()
}

#[no_mangle]
extern "C" fn rb_lite_mutex_free(mutex: *mut c_void) {
    assert!(!locked(mutex).load(Ordering::Relaxed));
    release(mutex.cast());
}

#[no_mangle]
extern "C" fn rb_lite_mutex_lock(mutex: *mut c_void) {
    while locked(mutex).swap(true, Ordering::Acquire) {
        thread::yield_now();
    }
}

#[no_mangle]
extern "C" fn rb_lite_mutex_unlock(mutex: *mut c_void) {
    assert!(locked(mutex).swap(false, Ordering::Release));
}

fn locked<'a>(mutex: *mut c_void) -> &'a AtomicBool {
    // SAFETY: It is from `rb_lite_mutex_new`, and nobody uses it after it is freed.
    unsafe { &*mutex.cast() }
}
