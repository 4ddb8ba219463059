// SPDX-License-Identifier: GPL-2.0

//! [`lag::alarm::Alarm`] over all interleavings: `RUSTFLAGS='--cfg loom' cargo test --test loom`.

#![cfg(loom)]

use lag::{alarm::Alarm, time::Time};
use loom::{
    sync::{
        atomic::{AtomicBool, Ordering::Relaxed},
        Arc, Mutex,
    },
    thread,
};

/// A worker and its timer, as the kernel's delayed work: to set it replaces what it was set to, and
/// it may run as soon as it is set, for any time passes while others are held up.
struct Worker {
    alarm: Alarm,
    timer: Mutex<Option<u64>>,
    /// Data that each of those who ask has written for the run.
    wanted: [AtomicBool; 3],
    seen: [AtomicBool; 3],
}

impl Worker {
    fn new() -> Worker {
        Worker {
            alarm: Alarm::new(),
            timer: Mutex::new(None),
            wanted: Default::default(),
            seen: Default::default(),
        }
    }

    fn ask(&self, who: usize, at: u64) {
        self.wanted[who].store(true, Relaxed);
        self.alarm
            .by(Time(at), |at| *self.timer.lock().unwrap() = Some(at.0));
    }

    /// Runs if the timer is set.
    fn run(&self) {
        if self.timer.lock().unwrap().take().is_some() {
            self.alarm.fired();
            for (wanted, seen) in self.wanted.iter().zip(&self.seen) {
                if wanted.load(Relaxed) {
                    seen.store(true, Relaxed);
                }
            }
        }
    }

    /// All is quiet: whoever was not seen finds the timer set to his time or before.
    fn check(&self, times: &[u64]) {
        let timer = *self.timer.lock().unwrap();
        for (who, at) in times.iter().enumerate() {
            let seen = self.seen[who].load(Relaxed);
            assert!(
                seen || timer.is_some_and(|timer| timer <= *at),
                "who asked for {at} was not seen, and the timer says {timer:?}"
            );
        }
    }
}

/// Each of `times` is asked for by a thread of its own, beside `runs` runs in a row.
fn model(times: &'static [u64], runs: usize) {
    let mut model = loom::model::Builder::new();
    // More switches between threads than any fault of this kind takes.
    model.preemption_bound = Some(3);
    model.check(move || {
        let worker = Arc::new(Worker::new());
        let mut threads: Vec<_> = (1..times.len())
            .map(|who| {
                let worker = worker.clone();
                thread::spawn(move || worker.ask(who, times[who]))
            })
            .collect();
        if runs > 0 {
            let worker = worker.clone();
            threads.push(thread::spawn(move || {
                (0..runs).for_each(|_| worker.run());
            }));
        }
        worker.ask(0, times[0]);
        threads.into_iter().for_each(|t| t.join().unwrap());
        worker.check(times);
    });
}

#[test]
fn later_never_puts_off_sooner() {
    model(&[100, 0], 0);
    model(&[100, 50, 0], 0);
}

#[test]
fn none_is_lost_while_the_worker_runs() {
    model(&[0], 1);
    model(&[100, 0], 1);
    model(&[0, 0], 1);
}

#[test]
fn none_is_lost_over_two_runs() {
    model(&[0], 2);
    model(&[100, 0], 2);
}
