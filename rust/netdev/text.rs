// SPDX-License-Identifier: GPL-2.0

//! Formatting into memory of a fixed size.

use core::fmt;

/// Bytes in a page, which is what sysfs gives a file.
pub const PAGE: usize = 1 << kernel::page::PAGE_SHIFT;

/// Text that is cut where its buffer ends.
pub struct Text<'a> {
    buf: &'a mut [u8],
    len: usize,
}

impl<'a> Text<'a> {
    /// Text that goes into `buf`.
    pub fn new(buf: &'a mut [u8]) -> Self {
        Text { buf, len: 0 }
    }

    /// Returns the number of bytes written.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Nothing has been written.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Turns the blank behind the last word into the end of the line.
    pub fn end_line(&mut self) {
        if let Some(last) = self.len.checked_sub(1).and_then(|i| self.buf.get_mut(i)) {
            *last = b'\n';
        }
    }

    /// Returns the bytes written.
    pub fn as_bytes(&self) -> &[u8] {
        self.buf.get(..self.len).unwrap_or(&[])
    }
}

impl fmt::Write for Text<'_> {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        for (to, from) in self.buf.iter_mut().skip(self.len).zip(s.bytes()) {
            *to = from;
            self.len += 1;
        }
        Ok(())
    }
}
