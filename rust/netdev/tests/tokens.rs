// SPDX-License-Identifier: GPL-2.0

//! A token stands for a lock that is held. That those of callbacks do is checked whenever one is
//! made, in a kernel that knows who holds what.

use kernel::prelude::kunit_tests;

#[kunit_tests(rustbond_tokens)]
mod cases {
    use crate::{
        holds,
        lock::{LockClass, SpinLockBh},
        rcu::Rcu,
        rtnl::{Rtnl, RtnlCell, RtnlList, Shareable},
        tests::{cpus, wait_for, Count, Flag, Outcome, Run, Thread},
    };
    use cbindings as c;

    #[cfg(CONFIG_PROVE_LOCKING)]
    fn ours() -> bool {
        // SAFETY: Callable from anywhere.
        unsafe { c::rb_holds_rtnl() }
    }

    /// The mutex is ours as long as the guard lives, and no longer.
    #[test]
    #[cfg(CONFIG_PROVE_LOCKING)]
    fn rtnl_is_held() -> Outcome {
        holds!(!ours());
        {
            let _rtnl = Rtnl::lock();
            holds!(ours());
        }
        holds!(!ours());
        // Someone else may have it; not for long.
        let mut got = false;
        holds!(wait_for(|| Rtnl::try_lock().is_some()));
        for _ in 0..400 {
            if let Some(_rtnl) = Rtnl::try_lock() {
                got = ours();
                break;
            }
            crate::tests::sleep(5);
        }
        holds!(got);
        holds!(!ours());
        Ok(())
    }

    struct Taker {
        tried: Flag,
        got: Flag,
    }

    impl Run for Taker {
        fn run(&self, stop: &dyn Fn() -> bool) {
            while !stop() {
                if Rtnl::try_lock().is_some() {
                    self.got.raise();
                }
                self.tried.raise();
            }
        }
    }

    /// Nobody else gets it meanwhile, and somebody does afterwards.
    #[test]
    fn rtnl_keeps_others_out() -> Outcome {
        let taker = Taker {
            tried: Flag::new(),
            got: Flag::new(),
        };
        let (tried, got);
        let _thread;
        {
            let _rtnl = Rtnl::lock();
            _thread = Thread::start(&taker, cpus() - 1)?;
            tried = wait_for(|| taker.tried.is_up());
            crate::tests::sleep(20);
            got = taker.got.is_up();
        }
        holds!(tried && !got);
        holds!(wait_for(|| taker.got.is_up()));
        Ok(())
    }

    /// A section is open as long as the closure runs.
    #[test]
    #[cfg(CONFIG_PROVE_RCU)]
    fn rcu_is_read() -> Outcome {
        // SAFETY: Callable from anywhere.
        let held = || unsafe { c::rb_rcu_held() };
        holds!(!held());
        let (outer, inner, after) = Rcu::read(|_| {
            let outer = held();
            let inner = Rcu::read(|_| held());
            (outer, inner, held())
        });
        holds!(outer && inner && after);
        holds!(!held());
        Ok(())
    }

    static LOCK: LockClass = LockClass::new();

    struct Adder<'a>(&'a SpinLockBh<(u64, u64)>, Count);

    impl Run for Adder<'_> {
        fn run(&self, stop: &dyn Fn() -> bool) {
            while !stop() {
                let mut pair = self.0.lock();
                pair.0 += 1;
                core::hint::spin_loop();
                pair.1 += 1;
                if pair.0 != pair.1 {
                    self.1.one_more();
                }
            }
        }
    }

    /// Data behind a spinlock are changed by one at a time.
    #[test]
    fn spinlock_lets_one_in() -> Outcome {
        let lock = SpinLockBh::new((0, 0), c"rustbond_kunit", &LOCK)?;
        let (first, second) = (Adder(&lock, Count::new()), Adder(&lock, Count::new()));
        {
            let _first = Thread::start(&first, 0)?;
            let _second = Thread::start(&second, cpus() - 1)?;
            crate::tests::sleep(50);
        }
        let pair = *lock.lock();
        holds!(pair.0 > 0 && pair.0 == pair.1);
        holds!(first.1.get() == 0 && second.1.get() == 0);
        Ok(())
    }

    // SAFETY: A number.
    unsafe impl Shareable for i32 {}

    /// A cell and a list lend nothing, so that they may be changed while they are looked at.
    #[test]
    fn cells_copy() -> Outcome {
        let cell = RtnlCell::new(1);
        let list = RtnlList::new();
        let mut seen = 0;
        {
            let rtnl = Rtnl::lock();
            cell.set(&rtnl, cell.get(&rtnl) + 1);
            for number in 0..4 {
                list.push(&rtnl, number)?;
            }
            // Each takes itself off the list: every other one is met.
            for number in list.iter(&rtnl) {
                let at = list.iter(&rtnl).position(|n| n == number);
                seen += 1;
                if let Some(at) = at {
                    list.remove(&rtnl, at);
                }
            }
            seen = seen * 10 + list.len(&rtnl);
        }
        holds!(cell.get(&Rtnl::lock()) == 2);
        holds!(seen == 22, "{seen}");
        Ok(())
    }
}
