// SPDX-License-Identifier: GPL-2.0

//! Transition tables: what a state diagram of the standard says, as data.

/// One arrow, or several that share condition and end, of a state diagram.
#[derive(Clone, Copy, Debug)]
pub struct Arc<S: 'static, C> {
    /// The states in which the row holds.
    pub from: &'static [S],
    /// The condition under which it is taken.
    pub when: C,
    /// The state that is entered.
    pub to: S,
}

/// The end of the first arc out of `state` whose condition `holds`.
pub fn next<S, C>(table: &[Arc<S, C>], state: S, holds: impl Fn(C) -> bool) -> Option<S>
where
    S: Copy + PartialEq,
    C: Copy,
{
    let arc = table
        .iter()
        .find(|arc| arc.from.contains(&state) && holds(arc.when))?;
    Some(arc.to)
}

/// A fieldless enum whose variants have the names that the standard gives them.
macro_rules! named {
    ($(#[$meta:meta])* pub enum $name:ident {
        $($(#[$doc:meta])* $variant:ident => $text:literal,)+
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$doc])* $variant,)+
        }

        impl $name {
            /// Every variant, in order.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];

            /// The name in the standard's diagram.
            pub const fn name(self) -> &'static str {
                match self {
                    $($name::$variant => $text,)+
                }
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}
pub(super) use named;
