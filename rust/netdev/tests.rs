// SPDX-License-Identifier: GPL-2.0

//! KUnit suites, and what they stand on. Only in a kernel with KUnit, which runs them when it is
//! told to: see Documentation/testing.rst.
//!
//! An assertion of KUnit ends the thread it fails in, with whatever lock it holds. So a case
//! returns an error instead, and all it holds is given back.

pub mod packets;
pub mod port;
mod rcu;
mod skb;
mod tokens;
mod work;

use core::{
    marker::PhantomData,
    ptr::NonNull,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use crate::prelude::*;
use cbindings as c;
use kernel::{ffi, str::CStr};

/// Something is not as it should be; the log says what.
#[derive(Debug)]
pub struct Wrong;

impl From<Error> for Wrong {
    fn from(e: Error) -> Self {
        kernel::kunit::err(format_args!(
            "    # error {} from what must succeed\n",
            e.to_errno()
        ));
        Wrong
    }
}

impl From<kernel::alloc::AllocError> for Wrong {
    fn from(_: kernel::alloc::AllocError) -> Self {
        ENOMEM.into()
    }
}

/// The result of a case.
pub type Outcome<T = ()> = core::result::Result<T, Wrong>;

/// Ends a case if that does not hold, and says what and where.
#[macro_export]
macro_rules! holds {
    ($condition:expr $(, $($args:tt)+)?) => {
        if !$condition {
            ::kernel::kunit::err(format_args!(
                "    # {}:{}: not so: {}\n",
                file!(),
                line!(),
                stringify!($condition)
            ));
            $(::kernel::kunit::err(format_args!("    #   {}\n", format_args!($($args)+)));)?
            return Err($crate::tests::Wrong);
        }
    };
}

/// The case cannot be tried here.
pub(crate) fn skip(why: &CStr) {
    // SAFETY: A C string.
    unsafe { c::rb_test_skip(why.as_char_ptr().cast()) };
}

/// Lets some time go by.
pub fn sleep(ms: u32) {
    // SAFETY: Cases run in a process of their own.
    unsafe { c::rb_test_sleep(ms) };
}

/// Waits up to two seconds; false if it has not come about.
pub fn wait_for(done: impl Fn() -> bool) -> bool {
    for _ in 0..400 {
        if done() {
            return true;
        }
        sleep(5);
    }
    done()
}

/// A flag that one thread raises and another looks at.
pub(crate) struct Flag(AtomicBool);

impl Flag {
    pub(crate) const fn new() -> Self {
        Flag(AtomicBool::new(false))
    }

    pub(crate) fn raise(&self) {
        self.0.store(true, Ordering::Release);
    }

    pub(crate) fn lower(&self) {
        self.0.store(false, Ordering::Release);
    }

    pub(crate) fn is_up(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Counts.
pub(crate) struct Count(AtomicUsize);

impl Count {
    pub(crate) const fn new() -> Self {
        Count(AtomicUsize::new(0))
    }

    pub(crate) fn one_more(&self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }

    pub(crate) fn get(&self) -> usize {
        self.0.load(Ordering::Acquire)
    }

    pub(crate) fn clear(&self) {
        self.0.store(0, Ordering::Release);
    }
}

/// Threads run on this many processors.
pub(crate) fn cpus() -> u32 {
    // SAFETY: Callable from anywhere.
    unsafe { c::rb_test_cpus() }
}

/// A thread of its own, which runs `T::run` until it is stopped.
pub(crate) struct Thread<'a, T: Run> {
    task: NonNull<ffi::c_void>,
    _of: PhantomData<&'a T>,
}

/// The work of a thread.
pub(crate) trait Run: Sync {
    /// Returns when `stop` does.
    fn run(&self, stop: &dyn Fn() -> bool);
}

impl<'a, T: Run> Thread<'a, T> {
    /// Starts it on that processor.
    pub(crate) fn start(of: &'a T, cpu: u32) -> Outcome<Self> {
        let arg = core::ptr::from_ref(of).cast_mut().cast::<ffi::c_void>();
        // SAFETY: `of` outlives the thread: dropping the handle waits for its end.
        let task = unsafe { c::rb_test_thread(Some(entry::<T>), arg, cpu) };
        let task = NonNull::new(task).ok_or(ENOMEM)?;
        Ok(Thread {
            task,
            _of: PhantomData,
        })
    }
}

impl<T: Run> Drop for Thread<'_, T> {
    fn drop(&mut self) {
        // SAFETY: The task is held, and stopped once.
        unsafe { c::rb_test_stop(self.task.as_ptr()) };
    }
}

/// # Safety
///
/// `of` is a `T` that lives until the thread has been stopped.
unsafe extern "C" fn entry<T: Run>(of: *mut ffi::c_void) -> ffi::c_int {
    // SAFETY: Callable from a kernel thread.
    let stop = || unsafe { c::rb_test_should_stop() };
    // SAFETY: The caller's promise.
    unsafe { &*of.cast::<T>() }.run(&stop);
    // kthread_stop() is still to come, and wants to find the thread.
    while !stop() {
        sleep(1);
    }
    0
}
