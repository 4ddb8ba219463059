// SPDX-License-Identifier: GPL-2.0

//! Values of which each CPU has one.
//!
//! C header: `include/linux/percpu.h`.

use core::{
    marker::PhantomData,
    sync::atomic::{AtomicU32, AtomicU64, Ordering},
};

use cbindings as c;
use kernel::ffi;

use crate::{prelude::*, rcu::Rcu};

/// A default value on the heap, made where it stays.
#[inline(never)]
pub fn boxed<T: Default>() -> Result<KBox<T>> {
    let mut room = KBox::<T>::new_uninit(GFP_KERNEL)?;
    // SAFETY: The memory is ours, and is a value once it has been written.
    unsafe {
        room.as_mut_ptr().write(T::default());
        Ok(room.assume_init())
    }
}

/// A value for each CPU, the default at first.
///
/// # Invariants
///
/// The pointer is a live per-CPU allocation of a `T`, which each CPU has.
pub struct PerCpu<T>(*mut ffi::c_void, PhantomData<T>);

// SAFETY: All that is lent is shared.
unsafe impl<T: Send + Sync> Send for PerCpu<T> {}
// SAFETY: As above.
unsafe impl<T: Send + Sync> Sync for PerCpu<T> {}

impl<T: Default> PerCpu<T> {
    /// The default for each CPU.
    pub fn new() -> Result<Self> {
        // SAFETY: May sleep, as the callers may.
        let values = unsafe { c::rb_percpu_alloc(size_of::<T>(), align_of::<T>()) };
        if values.is_null() {
            return Err(ENOMEM);
        }
        let mut cpu = -1;
        loop {
            // SAFETY: Callable from anywhere.
            cpu = unsafe { c::rb_next_cpu(cpu) };
            if cpu < 0 {
                break;
            }
            // SAFETY: The allocation has room for one of each CPU, which nobody else sees yet.
            unsafe { begin::<T>(c::rb_percpu_of(values, cpu).cast()) };
        }
        Ok(PerCpu(values, PhantomData))
    }
}

/// Writes a default value where it stays.
///
/// # Safety
///
/// There is room for one at `to`.
#[inline(never)]
unsafe fn begin<T: Default>(to: *mut T) {
    // SAFETY: The caller's promise.
    unsafe { to.write(T::default()) };
}

impl<T> PerCpu<T> {
    /// This CPU's.
    #[inline]
    pub fn this<'a>(&'a self, _rcu: &'a Rcu) -> &'a T {
        // SAFETY: By the invariant.
        unsafe { &*this_cpu(self.0).cast() }
    }

    /// Those of all CPUs.
    pub fn each(&self) -> impl Iterator<Item = &T> {
        // SAFETY: Callable from anywhere.
        let next = |cpu: i32| unsafe { c::rb_next_cpu(cpu) };
        let cpus = core::iter::successors(Some(next(-1)), move |cpu| Some(next(*cpu)));
        cpus.take_while(|cpu| *cpu >= 0)
            // SAFETY: By the invariant, and the CPU is a possible one.
            .map(|cpu| unsafe { &*c::rb_percpu_of(self.0, cpu).cast() })
    }
}

impl<T> Drop for PerCpu<T> {
    fn drop(&mut self) {
        const { assert!(!core::mem::needs_drop::<T>(), "nothing is dropped") };
        // SAFETY: By the invariant, and nobody else has it.
        unsafe { c::rb_percpu_free(self.0) };
    }
}

/// This CPU's of the values at `values`: this_cpu_ptr(). As an instruction of its own, for a call
/// would have all who send save their registers.
///
/// # Safety
///
/// `values` is a live per-CPU allocation.
#[cfg(all(CONFIG_X86_64, CONFIG_SMP))]
#[inline]
unsafe fn this_cpu(values: *mut ffi::c_void) -> *mut ffi::c_void {
    let offset: usize;
    // SAFETY: Reads the kernel's variable that says where this CPU's values lie.
    unsafe {
        core::arch::asm!(
            "mov {}, gs:[rip + this_cpu_off]",
            out(reg) offset,
            options(nostack, readonly, preserves_flags),
        );
    }
    values.wrapping_byte_add(offset)
}

/// As above.
///
/// # Safety
///
/// As above.
#[cfg(not(all(CONFIG_X86_64, CONFIG_SMP)))]
#[inline]
unsafe fn this_cpu(values: *mut ffi::c_void) -> *mut ffi::c_void {
    // SAFETY: The caller's promise.
    unsafe { c::rb_percpu_this(values) }
}

/// Packets and their octets, as one CPU has counted them. Each CPU counts its own: [`PerCpu`].
#[derive(Default)]
pub struct Traffic {
    packets: AtomicU64,
    bytes: AtomicU64,
}

impl Traffic {
    /// Counts a packet of `len` octets. Only on the CPU whose it is, with softirqs off: two at once would lose one.
    #[inline]
    pub fn count(&self, len: u32) {
        let add = |to: &AtomicU64, by: u64| {
            to.store(
                to.load(Ordering::Relaxed).wrapping_add(by),
                Ordering::Relaxed,
            );
        };
        add(&self.packets, 1);
        add(&self.bytes, len.into());
    }

    /// Packets and octets until now.
    pub fn read(&self) -> (u64, u64) {
        let read = |from: &AtomicU64| from.load(Ordering::Relaxed);
        (read(&self.packets), read(&self.bytes))
    }
}

/// A counter for each CPU; no CPU writes what another one reads.
///
/// # Invariants
///
/// The pointer is a live per-CPU allocation of a `u32`.
pub struct Counter(*mut u32);

// SAFETY: Each CPU touches its own.
unsafe impl Send for Counter {}
// SAFETY: As above.
unsafe impl Sync for Counter {}

impl Counter {
    /// All zero.
    pub fn new() -> Result<Self> {
        // SAFETY: May sleep, as the callers may.
        let counter = unsafe { c::rb_percpu_u32_alloc() };
        if counter.is_null() {
            return Err(ENOMEM);
        }
        Ok(Counter(counter))
    }

    /// Counts on this CPU and returns the new count, which wraps.
    #[inline]
    pub fn count(&self, _rcu: &Rcu) -> u32 {
        // SAFETY: By the invariant. A packet with interrupts off may come in between, and take the
        // same number.
        unsafe {
            let counter = AtomicU32::from_ptr(this_cpu(self.0.cast()).cast());
            let count = counter.load(Ordering::Relaxed).wrapping_add(1);
            counter.store(count, Ordering::Relaxed);
            count
        }
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        // SAFETY: By the invariant, and nobody else has it.
        unsafe { c::rb_percpu_u32_free(self.0) };
    }
}
