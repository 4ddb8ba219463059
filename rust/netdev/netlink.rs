// SPDX-License-Identifier: GPL-2.0

//! Netlink attributes in, attributes out, and what is wrong with them.
//!
//! C header: `include/net/netlink.h`.

use core::{
    fmt::{self, Write},
    marker::PhantomData,
    ptr::{self, NonNull},
};

use cbindings as c;
use kernel::ffi;

use crate::{prelude::*, text::Text};

/// The place for the explanation of a request's error. The text is at most 79 bytes long.
pub struct ExtAck(NonNull<c::netlink_ext_ack>);

impl ExtAck {
    /// # Safety
    ///
    /// Null, or alive and ours for as long as the result is used.
    pub(crate) unsafe fn from_raw(ext: *mut c::netlink_ext_ack) -> Option<Self> {
        NonNull::new(ext).map(ExtAck)
    }

    pub(crate) fn raw(this: Option<&ExtAck>) -> *mut c::netlink_ext_ack {
        this.map_or(ptr::null_mut(), |e| e.0.as_ptr())
    }

    /// Explains the error.
    pub fn say(&self, args: fmt::Arguments<'_>) {
        // SAFETY: The structure is ours for now; no other reference into it exists.
        let ext = unsafe { &mut *self.0.as_ptr() };
        let mut buf = [0u8; c::NETLINK_MAX_FMTMSG_LEN as usize - 1];
        let mut text = Text::new(&mut buf);
        let _ = text.write_fmt(args);
        ext._msg_buf = [0; c::NETLINK_MAX_FMTMSG_LEN as usize];
        for (to, from) in ext._msg_buf.iter_mut().zip(text.as_bytes()) {
            *to = *from as ffi::c_char;
        }
        ext._msg = ext._msg_buf.as_ptr();
    }

    /// Points at the attribute that is to blame.
    pub fn blame(&self, attr: &Attr<'_>) {
        // SAFETY: As in `say`; the attribute is part of the message that is being answered.
        unsafe { (*self.0.as_ptr()).bad_attr = attr.0.as_ptr() };
    }
}

/// One attribute of a message.
///
/// # Invariants
///
/// The pointer is an attribute whose length the kernel has checked to lie within its message.
#[derive(Clone, Copy)]
pub struct Attr<'a>(NonNull<c::nlattr>, PhantomData<&'a c::nlattr>);

impl<'a> Attr<'a> {
    /// # Safety
    ///
    /// Null, or as the invariant says for `'a`.
    pub(crate) unsafe fn from_raw(attr: *mut c::nlattr) -> Option<Self> {
        NonNull::new(attr).map(|attr| Attr(attr, PhantomData))
    }

    /// The number of the attribute.
    pub fn number(&self) -> u16 {
        // SAFETY: By the invariant.
        unsafe { c::rb_nla_type(self.0.as_ptr()) as u16 }
    }

    /// Returns its payload.
    pub fn payload(&self) -> &'a [u8] {
        // SAFETY: By the invariant, so many bytes are there, and nobody changes them.
        unsafe {
            let len = c::rb_nla_len(self.0.as_ptr()).max(0) as usize;
            core::slice::from_raw_parts(c::rb_nla_data(self.0.as_ptr()).cast(), len)
        }
    }

    /// The attributes inside it; as many as are well formed.
    pub fn nested(self) -> impl Iterator<Item = Attr<'a>> {
        let mut last = ptr::null();
        let nest = self.0;
        core::iter::from_fn(move || {
            // SAFETY: `nest` is whole by the invariant; `last` was found in it, or is null.
            let next = unsafe { c::rb_nla_next(nest.as_ptr(), last) };
            last = next;
            NonNull::new(next.cast_mut()).map(|a| Attr(a, PhantomData))
        })
    }
}

/// The attributes of a request, by number.
///
/// # Invariants
///
/// Null, or an array of `max + 1` pointers to attributes, each null or checked.
#[derive(Clone, Copy)]
pub struct Attrs<'a> {
    table: *mut *mut c::nlattr,
    max: u16,
    _message: PhantomData<&'a ()>,
}

impl<'a> Attrs<'a> {
    /// # Safety
    ///
    /// The invariant holds for `'a`.
    pub(crate) unsafe fn from_raw(table: *mut *mut c::nlattr, max: u16) -> Self {
        Attrs {
            table,
            max,
            _message: PhantomData,
        }
    }

    /// The attribute with that number, if the request has it.
    pub fn get(&self, number: u16) -> Option<Attr<'a>> {
        if self.table.is_null() || number > self.max {
            return None;
        }
        // SAFETY: In bounds by the invariant.
        NonNull::new(unsafe { *self.table.add(number.into()) }).map(|a| Attr(a, PhantomData))
    }
}

/// A message that is being written.
pub struct Fill<'a>(NonNull<c::sk_buff>, PhantomData<&'a mut ()>);

impl Fill<'_> {
    /// # Safety
    ///
    /// The message is alive and ours to write for as long as the result is used.
    pub(crate) unsafe fn from_raw(skb: NonNull<c::sk_buff>) -> Self {
        Fill(skb, PhantomData)
    }

    /// Adds an attribute. EMSGSIZE if the message is full.
    pub fn put(&mut self, number: u16, payload: &[u8]) -> Result {
        // SAFETY: The message is ours; the payload has its length.
        to_result(unsafe {
            c::nla_put(
                self.0.as_ptr(),
                number.into(),
                payload.len() as i32,
                payload.as_ptr().cast(),
            )
        })
    }

    /// Adds a counter. `pad` is the number of an attribute that means nothing: it may be needed
    /// to align this one.
    pub fn put_u64(&mut self, number: u16, value: u64, pad: u16) -> Result {
        // SAFETY: The message is ours; the payload has its length.
        to_result(unsafe {
            c::nla_put_64bit(
                self.0.as_ptr(),
                number.into(),
                8,
                (&raw const value).cast(),
                pad.into(),
            )
        })
    }

    /// Adds a number in four octets, or in eight where it needs them (`uint`).
    pub fn put_uint(&mut self, number: u16, value: u64) -> Result {
        match u32::try_from(value) {
            Ok(short) => self.put(number, &short.to_ne_bytes()),
            Err(_) => self.put(number, &value.to_ne_bytes()),
        }
    }

    /// Adds a number in four octets.
    pub fn put_u32(&mut self, number: u16, value: u32) -> Result {
        self.put(number, &value.to_ne_bytes())
    }

    /// Adds a text of up to 32 octets; behind it comes a zero.
    pub fn put_text(&mut self, number: u16, text: &[u8]) -> Result {
        let mut ended = [0u8; 33];
        for (to, from) in ended.iter_mut().take(32).zip(text) {
            *to = *from;
        }
        let len = text.len().min(32).saturating_add(1);
        self.put(number, ended.get(..len).unwrap_or(&[0]))
    }

    /// Adds an attribute that holds what `f` adds; takes it all back if `f` fails.
    pub fn nest(&mut self, number: u16, f: impl FnOnce(&mut Self) -> Result) -> Result {
        // SAFETY: The message is ours.
        let nest = unsafe { c::rb_nla_nest_start(self.0.as_ptr(), number.into()) };
        if nest.is_null() {
            return Err(EMSGSIZE);
        }
        let result = f(self);
        // SAFETY: The nest was started in this message and not ended yet.
        unsafe {
            match result {
                Ok(()) => c::rb_nla_nest_end(self.0.as_ptr(), nest),
                Err(_) => c::rb_nla_nest_cancel(self.0.as_ptr(), nest),
            }
        }
        result
    }
}

/// Returns the number of bytes that an attribute with this payload takes in a message.
/// nla_total_size.
pub fn total_size(payload: usize) -> usize {
    // SAFETY: A pure function.
    unsafe { c::rb_nla_total_size(payload) }
}

/// The check that the kernel makes of an attribute before we see it. struct nla_policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// There is no such attribute.
    Reject,
    /// One octet.
    U8,
    /// Two octets, host order.
    U16,
    /// Four octets, host order.
    U32,
    /// A number in four octets or in eight.
    Uint,
    /// Up to so many octets.
    Bytes(u16),
    /// Attributes inside.
    Nested,
}

impl Policy {
    pub(crate) fn raw(self) -> c::nla_policy {
        let (kind, len) = match self {
            Policy::Reject => (c::NLA_REJECT, 0),
            Policy::U8 => (c::NLA_U8, 0),
            Policy::U16 => (c::NLA_U16, 0),
            Policy::U32 => (c::NLA_U32, 0),
            Policy::Uint => (c::NLA_UINT, 0),
            Policy::Bytes(len) => (c::NLA_BINARY, len),
            Policy::Nested => (c::NLA_NESTED, 0),
        };
        c::nla_policy {
            type_: kind as u8,
            len,
            ..Default::default()
        }
    }
}
