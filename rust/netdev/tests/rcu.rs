// SPDX-License-Identifier: GPL-2.0

//! [`RcuSlot`] under readers on other processors.

use kernel::prelude::kunit_tests;

#[kunit_tests(rustbond_rcu)]
mod cases {
    use core::hint::spin_loop;

    use crate::{
        holds,
        rcu::{self, Rcu, RcuBox, RcuSlot},
        rtnl::Rtnl,
        tests::{cpus, skip, wait_for, Count, Flag, Outcome, Run, Thread},
    };

    const KEY: u64 = 0x5eed_0f1e_550f_da7a;
    static DROPPED: Count = Count::new();

    /// Whole as long as it has not been dropped.
    struct Value {
        serial: u64,
        twin: u64,
    }

    impl Value {
        fn new(serial: u64) -> Self {
            Value {
                serial,
                twin: serial ^ KEY,
            }
        }

        fn is_whole(&self) -> bool {
            self.serial ^ self.twin == KEY
        }
    }

    impl Drop for Value {
        fn drop(&mut self) {
            self.twin = 0;
            DROPPED.one_more();
        }
    }

    struct Reader<'a> {
        slot: &'a RcuSlot<Value>,
        reads: Count,
        wrong: Count,
    }

    impl Run for Reader<'_> {
        fn run(&self, stop: &dyn Fn() -> bool) {
            let mut last = 0;
            while !stop() {
                Rcu::read(|rcu| {
                    let Some(value) = self.slot.read(rcu) else {
                        return;
                    };
                    // Seen twice: it must not change while the section lasts.
                    let serial = value.serial;
                    for _ in 0..50 {
                        spin_loop();
                    }
                    if !value.is_whole() || value.serial != serial || serial < last {
                        self.wrong.one_more();
                    }
                    last = serial;
                    self.reads.one_more();
                });
            }
        }
    }

    /// However often it is replaced, a reader sees one whole value after the other, and each is
    /// dropped once.
    #[test]
    fn replaced_under_readers() -> Outcome {
        const TIMES: u64 = 400;
        DROPPED.clear();
        let slot = RcuSlot::empty();
        let reader = |slot| Reader {
            slot,
            reads: Count::new(),
            wrong: Count::new(),
        };
        let (first, second) = (reader(&slot), reader(&slot));
        {
            let _first = Thread::start(&first, 0)?;
            let _second = Thread::start(&second, cpus() - 1)?;
            for serial in 1..=TIMES {
                let new = RcuBox::new(Value::new(serial))?;
                let rtnl = Rtnl::lock();
                slot.publish(&rtnl, Some(new));
            }
            // Neither may have found the processor busy all the time.
            holds!(wait_for(|| first.reads.get() > 0 && second.reads.get() > 0));
        }
        holds!(first.wrong.get() == 0 && second.wrong.get() == 0);
        slot.publish(&Rtnl::lock(), None);
        rcu::barrier();
        holds!(
            DROPPED.get() == TIMES as usize,
            "dropped {} of {TIMES}",
            DROPPED.get()
        );
        holds!(Rcu::read(|rcu| slot.read(rcu).is_none()));
        Ok(())
    }

    struct Sleeper<'a> {
        slot: &'a RcuSlot<Value>,
        inside: Flag,
        leave: Flag,
        whole: Flag,
    }

    impl Run for Sleeper<'_> {
        fn run(&self, _stop: &dyn Fn() -> bool) {
            Rcu::read(|rcu| {
                let value = self.slot.read(rcu);
                self.inside.raise();
                while !self.leave.is_up() {
                    spin_loop();
                }
                if value.is_some_and(Value::is_whole) {
                    self.whole.raise();
                }
            });
        }
    }

    /// A value that a reader holds is not dropped before the reader is done, and is soon after.
    #[test]
    fn kept_for_a_reader() -> Outcome {
        if cpus() < 2 {
            skip(c"a reader that does not let go needs a processor of its own");
            return Ok(());
        }
        DROPPED.clear();
        let slot = RcuSlot::empty();
        slot.publish(&Rtnl::lock(), Some(RcuBox::new(Value::new(1))?));
        let sleeper = Sleeper {
            slot: &slot,
            inside: Flag::new(),
            leave: Flag::new(),
            whole: Flag::new(),
        };
        let early;
        {
            let _thread = Thread::start(&sleeper, cpus() - 1)?;
            let came = wait_for(|| sleeper.inside.is_up());
            slot.publish(&Rtnl::lock(), None);
            crate::tests::sleep(50);
            early = DROPPED.get();
            // Whatever was seen: nothing is to wait for it for ever.
            sleeper.leave.raise();
            holds!(came);
        }
        rcu::barrier();
        holds!(early == 0, "dropped under a reader");
        holds!(sleeper.whole.is_up());
        holds!(DROPPED.get() == 1);
        Ok(())
    }

    /// A value that was found in a section stays until its end, even if the slot itself goes within
    /// it.
    #[test]
    fn kept_when_its_slot_goes() -> Outcome {
        DROPPED.clear();
        let slot = RcuSlot::empty();
        slot.publish(&Rtnl::lock(), Some(RcuBox::new(Value::new(1))?));
        let kept = Rcu::read(move |rcu| {
            let value = slot.read(rcu);
            drop(slot);
            for _ in 0..100_000 {
                spin_loop();
            }
            value.is_some_and(Value::is_whole) && DROPPED.get() == 0
        });
        holds!(kept);
        rcu::barrier();
        holds!(DROPPED.get() == 1);
        Ok(())
    }

    /// A slot that goes takes what it holds with it.
    #[test]
    fn dropped_with_its_slot() -> Outcome {
        DROPPED.clear();
        let slot = RcuSlot::empty();
        slot.publish(&Rtnl::lock(), Some(RcuBox::new(Value::new(1))?));
        drop(slot);
        rcu::barrier();
        holds!(DROPPED.get() == 1);
        // A value that was never published goes, too.
        drop(RcuBox::new(Value::new(2))?);
        holds!(DROPPED.get() == 2);
        Ok(())
    }
}
