// SPDX-License-Identifier: GPL-2.0

//! Enums whose values have a number and a name that are an ABI.

/// The text of a doc comment; nothing of any other attribute.
macro_rules! doc_text {
    (doc = $text:literal) => {
        $text
    };
    ($($other:tt)*) => {
        ""
    };
}

/// Declares such an enum: from the doc comment of each value comes the text that a user reads of it.
macro_rules! named {
    ($(#[$doc:meta])* $type:ident {
        $($(#[$($meta:tt)*])* $variant:ident = $number:literal, $name:literal;)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $type {
            $($(#[$($meta)*])* $variant = $number,)*
        }

        impl $type {
            /// Every value, in the order of the numbers.
            pub const ALL: [$type; [$($number),*].len()] = [$($type::$variant,)*];

            /// Names and numbers, as the option table wants them.
            pub(crate) const WORDS: &'static [(&'static str, i64)] = &[$(($name, $number),)*];

            /// A description of each value, in the same order.
            pub(crate) const TEXTS: &'static [&'static str] = &[
                $(concat!($($crate::named::doc_text!($($meta)*)),*),)*
            ];

            /// The value with this number.
            pub const fn from_number(number: u64) -> Option<$type> {
                match number {
                    $($number => Some($type::$variant),)*
                    _ => None,
                }
            }

            /// The number used by netlink, module parameters and sysfs.
            pub const fn number(self) -> u8 {
                self as u8
            }

            /// The name used by every front end.
            pub const fn name(self) -> &'static str {
                match self {
                    $($type::$variant => $name,)*
                }
            }
        }
    };
}

pub(crate) use {doc_text, named};
