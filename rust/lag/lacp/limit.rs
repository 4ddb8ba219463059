// SPDX-License-Identifier: GPL-2.0

//! A limit on how often something is sent.

use crate::time::{Span, Time};

/// No more than `N` in any `span`.
#[derive(Clone, Copy, Debug)]
pub struct Limit<const N: usize> {
    span: Span,
    /// Times of the last `N`, the latest first.
    sent: [Option<Time>; N],
}

impl<const N: usize> Limit<N> {
    /// Nothing sent yet.
    pub const fn new(span: Span) -> Limit<N> {
        Limit {
            span,
            sent: [None; N],
        }
    }

    /// From when on the next may go out; None is at once.
    pub fn earliest(&self) -> Option<Time> {
        let oldest = self.sent.last().copied().flatten();
        oldest.map(|at| at + self.span)
    }

    /// Returns the times of the latest and of the one before it.
    pub fn last_two(&self) -> Option<(Time, Time)> {
        let mut sent = self.sent.iter().copied();
        Some((sent.next()??, sent.next()??))
    }

    /// The next may go out.
    pub fn allows(&self, now: Time) -> bool {
        self.earliest().is_none_or(|at| at <= now)
    }

    /// One was sent.
    pub fn record(&mut self, now: Time) {
        self.sent.rotate_right(1);
        if let Some(latest) = self.sent.first_mut() {
            *latest = Some(now);
        }
    }
}
