// SPDX-License-Identifier: GPL-2.0

//! [`Work`]: armed, running, taken back, dropped.

use kernel::prelude::kunit_tests;

#[kunit_tests(rustbond_work)]
mod cases {
    use core::{
        ptr,
        sync::atomic::{AtomicPtr, Ordering},
    };

    use cbindings as c;
    use wire::time::Span;

    use crate::{
        device::NetDevice,
        holds,
        prelude::*,
        tests::{sleep, wait_for, Count, Flag, Outcome},
        work::Work,
    };

    static BEGUN: Count = Count::new();
    static ENDED: Count = Count::new();
    /// The function is to take its time.
    static SLOW: Flag = Flag::new();
    /// The function queues this anew.
    static AGAIN: AtomicPtr<Work> = AtomicPtr::new(ptr::null_mut());

    fn run(_dev: &NetDevice) {
        BEGUN.one_more();
        if SLOW.is_up() {
            sleep(60);
        }
        // SAFETY: Whoever sets it has the work cancelled before it goes.
        if let Some(work) = unsafe { AGAIN.load(Ordering::Acquire).as_ref() } {
            work.queue(Span::ZERO);
        }
        ENDED.one_more();
    }

    fn work() -> Result<Work> {
        BEGUN.clear();
        ENDED.clear();
        SLOW.lower();
        AGAIN.store(ptr::null_mut(), Ordering::Release);
        // SAFETY: The loopback device of the first namespace lives as long as the kernel.
        unsafe { Work::new(NetDevice::from_raw(c::init_net.loopback_dev), run) }
    }

    const SOON: Span = Span::millis(40);

    #[test]
    fn runs_once_when_queued() -> Outcome {
        let work = work()?;
        work.queue(Span::millis(10));
        work.queue(Span::millis(10));
        holds!(wait_for(|| ENDED.get() == 1));
        sleep(40);
        holds!(BEGUN.get() == 1);
        work.queue(Span::ZERO);
        holds!(wait_for(|| ENDED.get() == 2));
        Ok(())
    }

    #[test]
    fn armed_then_cancelled() -> Outcome {
        let work = work()?;
        work.queue(SOON);
        work.cancel();
        sleep(100);
        holds!(BEGUN.get() == 0);
        // It may be used again.
        work.queue(Span::ZERO);
        holds!(wait_for(|| ENDED.get() == 1));
        Ok(())
    }

    #[test]
    fn cancel_waits_for_the_end() -> Outcome {
        let work = work()?;
        SLOW.raise();
        work.queue(Span::ZERO);
        holds!(wait_for(|| BEGUN.get() == 1));
        work.cancel();
        holds!(ENDED.get() == 1, "cancelled while it ran");
        Ok(())
    }

    #[test]
    fn cancelled_though_it_queues_itself() -> Outcome {
        let work = work()?;
        AGAIN.store(ptr::from_ref(&work).cast_mut(), Ordering::Release);
        work.queue(Span::ZERO);
        let lively = wait_for(|| ENDED.get() >= 3);
        work.cancel();
        let count = BEGUN.get();
        sleep(40);
        let later = BEGUN.get();
        AGAIN.store(ptr::null_mut(), Ordering::Release);
        holds!(lively);
        holds!(later == count);
        Ok(())
    }

    #[test]
    fn disabled_for_good() -> Outcome {
        let work = work()?;
        work.queue(SOON);
        work.disable();
        work.queue(Span::ZERO);
        sleep(100);
        holds!(BEGUN.get() == 0);
        Ok(())
    }

    #[test]
    fn dropped_while_armed() -> Outcome {
        let work = work()?;
        work.queue(SOON);
        drop(work);
        sleep(100);
        holds!(BEGUN.get() == 0);
        Ok(())
    }

    #[test]
    fn drop_waits_for_the_end() -> Outcome {
        let work = work()?;
        SLOW.raise();
        work.queue(Span::ZERO);
        holds!(wait_for(|| BEGUN.get() == 1));
        drop(work);
        holds!(ENDED.get() == 1);
        Ok(())
    }
}
