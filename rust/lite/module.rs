// SPDX-License-Identifier: GPL-2.0

//! The module's way in and out, and its end when it panics.

use crate::error::Result;

/// `THIS_MODULE`. C makes the module; here it is only a token.
pub struct ThisModule(());

/// Token that `module!` gives a module's `init`.
#[doc(hidden)]
pub static THIS_MODULE: ThisModule = ThisModule(());

/// A module: made when it is loaded, dropped when it is unloaded.
pub trait Module: Sized + Sync + Send {
    /// Starts the module.
    ///
    /// # Errors
    ///
    /// Whatever it returns, loading fails with.
    fn init(module: &'static ThisModule) -> Result<Self>;
}

/// Declares the module's type. Name, licence and description stand in `entry.c`.
#[macro_export]
macro_rules! module {
    (type: $type:ty, $($rest:tt)*) => {
        static mut MODULE: ::core::option::Option<$type> = ::core::option::Option::None;

        /// Starts the module.
        ///
        /// # Safety
        ///
        /// Called once, by `module_init()` of `entry.c`.
        #[no_mangle]
        pub unsafe extern "C" fn rb_module_init() -> ::core::ffi::c_int {
            match <$type as $crate::Module>::init(&$crate::THIS_MODULE) {
                Ok(module) => {
                    // SAFETY: The caller's promise; module_exit() does not run before this has ended.
                    unsafe { MODULE = Some(module) };
                    0
                }
                Err(e) => e.to_errno(),
            }
        }

        /// Ends the module.
        ///
        /// # Safety
        ///
        /// Called once, by `module_exit()` of `entry.c`, after `rb_module_init` has succeeded.
        #[no_mangle]
        pub unsafe extern "C" fn rb_module_exit() {
            // SAFETY: The caller's promise.
            unsafe { MODULE = None };
        }
    };
}

/// The text of a panic, as much of it as there is room for.
#[cfg(not(test))]
struct Text {
    bytes: [u8; 200],
    len: usize,
}

#[cfg(not(test))]
impl core::fmt::Write for Text {
    fn write_str(&mut self, s: &str) -> core::fmt::Result {
        for (to, from) in self.bytes.iter_mut().skip(self.len).zip(s.bytes()) {
            *to = from;
            self.len += 1;
        }
        Ok(())
    }
}

#[cfg(not(test))]
#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    extern "C" {
        fn rb_lite_panic(text: *const u8, len: usize) -> !;
    }

    let mut text = Text {
        bytes: [0; 200],
        len: 0,
    };
    // What does not fit is left out.
    let _ = core::fmt::write(&mut text, format_args!("{info}"));
    // SAFETY: The text is `len` bytes long.
    unsafe { rb_lite_panic(text.bytes.as_ptr(), text.len) }
}
