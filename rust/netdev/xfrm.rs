// SPDX-License-Identifier: GPL-2.0

//! IPsec: security associations that hardware works on.
//!
//! The kernel offers the associations of a master to the master, which gives them to one of its
//! lower devices. Which one that is changes; the kernel does not hear of it. While there is none,
//! or one that cannot, the kernel works on them itself.
//!
//! The home of an association, the lower device that works on it, stands in the association. It
//! changes under the lock of the association *and* the mutex of its [`Associations`]; so whoever
//! has either can rely on it. Deletion has only the first, for it must not sleep.
//!
//! C header: `include/net/xfrm.h`.

use core::{
    ptr::{self, NonNull},
    sync::atomic::{AtomicPtr, Ordering},
};

use cbindings as c;
use kernel::{
    ffi, new_mutex,
    sync::{Arc, Mutex},
};

use crate::{
    anchor::driver_of, device::NetDevice, netlink::ExtAck, offers::Offers, prelude::*, rcu::Rcu,
    rtnl::Rtnl, upper::Upper,
};

/// An association.
///
/// # Invariants
///
/// It is alive. Its home is null, or a device that is kept: by the port in [`Inner::home`] as long
/// as the home is set.
#[derive(Clone, Copy, PartialEq, Eq)]
struct State(NonNull<c::xfrm_state>);

// SAFETY: The association has a lock of its own.
unsafe impl Send for State {}

impl State {
    /// # Safety
    ///
    /// The association is alive, and the device that it was given to is one of ours.
    unsafe fn from_raw(x: *mut c::xfrm_state) -> Self {
        // SAFETY: The caller's promise.
        State(unsafe { NonNull::new_unchecked(x) })
    }

    fn as_ptr(self) -> *mut c::xfrm_state {
        self.0.as_ptr()
    }

    fn home_at(&self) -> &AtomicPtr<c::net_device> {
        // SAFETY: The association is alive, and only we use this member of it.
        unsafe { AtomicPtr::from_ptr(&raw mut (*self.as_ptr()).xso.real_dev) }
    }

    fn home(&self) -> *mut c::net_device {
        self.home_at().load(Ordering::Acquire)
    }

    fn set_home(&self, dev: *mut c::net_device) {
        self.home_at().store(dev, Ordering::Release);
    }

    /// Runs `f` under the lock, in which the association does not die; tells it whether it has.
    fn locked(self, f: impl FnOnce(bool)) {
        // SAFETY: The association is alive, and nobody on the way here has its lock.
        unsafe {
            c::rb_xfrm_lock(self.as_ptr());
            f(c::rb_xfrm_is_dead(self.as_ptr()));
            c::rb_xfrm_unlock(self.as_ptr());
        }
    }

    fn has_esn(self) -> bool {
        // SAFETY: The association is alive; its flags never change.
        unsafe { c::rb_xfrm_has_esn(self.as_ptr()) }
    }
}

/// A device whose driver works on associations.
#[derive(Clone, Copy)]
struct Hardware<'a> {
    dev: &'a NetDevice,
    ops: &'a c::xfrmdev_ops,
}

impl<'a> Hardware<'a> {
    /// Returns the operations of the device's driver; none if it has lower devices of its own.
    fn of(dev: &'a NetDevice) -> Option<Self> {
        if dev.is_master() {
            return None;
        }
        // SAFETY: The device is alive, and has its table, if any, as long as it lives.
        let ops = unsafe { c::rb_xfrm_ops(dev.as_ptr()).as_ref()? };
        // SAFETY: The device is alive.
        unsafe { c::rb_xfrm_able(dev.as_ptr()) }.then_some(Hardware { dev, ops })
    }

    /// It can work on this one, as far as can be told before it is asked.
    fn knows(&self, state: State) -> bool {
        !state.has_esn() || self.ops.xdo_dev_state_advance_esn.is_some()
    }

    /// In process context.
    fn add(&self, state: State, ext: Option<&ExtAck>) -> Result {
        // SAFETY: Device and association are alive.
        to_result(unsafe { c::rb_xfrm_add(self.dev.as_ptr(), state.as_ptr(), ExtAck::raw(ext)) })
    }

    /// With the lock of the association held, or nobody else who knows it. Does not sleep.
    fn delete(&self, state: State) {
        // SAFETY: Device and association are alive.
        unsafe { c::rb_xfrm_delete(self.dev.as_ptr(), state.as_ptr()) };
    }

    /// Last call for an association. In process context.
    fn free(&self, state: State) {
        // SAFETY: Device and association are alive.
        unsafe { c::rb_xfrm_free(self.dev.as_ptr(), state.as_ptr()) };
    }
}

/// The associations that a master was given.
pub struct Associations<D: Upper>(Pin<KBox<Mutex<Inner<D>>>>);

/// # Invariants
///
/// Each of `states` is alive: it is here from when the kernel adds it to when it frees it. One that
/// has a home has the device of `home`.
struct Inner<D: Upper> {
    /// There can be any.
    offered: bool,
    /// The port of the device that works on them.
    home: Option<Arc<D::Port>>,
    states: KVec<State>,
}

impl<D: Upper> Associations<D> {
    /// None yet.
    pub fn new() -> Result<Self> {
        let inner = Inner {
            offered: false,
            home: None,
            states: KVec::new(),
        };
        Ok(Associations(KBox::pin_init(
            new_mutex!(inner, "netdev::xfrm"),
            GFP_KERNEL,
        )?))
    }

    /// Sets whether new ones are taken.
    pub fn offer(&self, on: bool) {
        self.0.lock().offered = on;
    }

    /// No lower device works on them from here on.
    pub fn withdraw(&self, _rtnl: &Rtnl) {
        let mut inner = self.0.lock();
        // Kept until all have left it.
        let port = inner.home.take();
        let Some(hardware) = port.as_ref().and_then(|p| Hardware::of(D::device_of(p))) else {
            return;
        };
        for state in inner.states.iter().filter(|s| !s.home().is_null()) {
            state.locked(|dead| {
                state.set_home(ptr::null_mut());
                // Who died was deleted then.
                if !dead {
                    hardware.delete(*state);
                }
            });
            hardware.free(*state);
        }
    }

    /// The device of `port` works on them from here on; the kernel on those that it cannot. Returns how
    /// many these are, and whether the device works on any.
    pub fn place(&self, port: &Arc<D::Port>, _rtnl: &Rtnl) -> (u32, bool) {
        let mut inner = self.0.lock();
        inner.home = Some(port.clone());
        let dev = D::device_of(port);
        let hardware = Hardware::of(dev);
        let mut left = 0u32;
        for state in inner.states.iter().filter(|s| s.home().is_null()) {
            let mut gone = false;
            state.locked(|dead| gone = dead);
            if gone {
                continue;
            }
            let able = hardware.filter(|hardware| hardware.knows(*state));
            let Some(hardware) = able.filter(|h| h.add(*state, None).is_ok()) else {
                left = left.saturating_add(1);
                continue;
            };
            state.locked(|dead| {
                // It died meanwhile, when it had no home to be deleted from.
                if dead {
                    hardware.delete(*state);
                }
                state.set_home(dev.as_ptr());
            });
        }
        (left, hardware.is_some())
    }
}

/// A driver whose lower devices work on associations.
pub trait Xfrm: Upper {
    /// The associations that they work on.
    fn associations(&self) -> &Associations<Self>;
    /// The lower device that carries all traffic, if one does.
    ///
    /// # Context
    ///
    /// Does not sleep.
    fn active_lower<'a>(&self, rcu: &'a Rcu) -> Option<&'a NetDevice>;
}

impl<D: Xfrm> Offers<'_, D> {
    /// Its lower devices work on associations. `struct xfrmdev_ops`.
    pub fn xfrm(&mut self) -> &mut Self {
        self.tables.xfrm.own = c::rb_xfrm_ops {
            add: Some(add::<D>),
            delete: Some(delete),
            free: Some(free::<D>),
            offload_ok: Some(offload_ok::<D>),
            advance_esn: Some(advance_esn::<D>),
            update_stats: Some(update_stats::<D>),
        };
        // SAFETY: The table is ours, and stays where it is.
        unsafe { c::rb_fill_xfrm_table(&mut self.tables.xfrm) };
        self.tables.has_xfrm = true;
        self
    }
}

/// # Safety
///
/// Called in process context for a live device of ours, with an association that nobody else knows
/// yet and that is going to be given to `free` if this succeeds.
unsafe extern "C" fn add<D: Xfrm>(
    dev: *mut c::net_device,
    x: *mut c::xfrm_state,
    ext: *mut c::netlink_ext_ack,
) -> ffi::c_int {
    from_result(|| {
        // SAFETY: xdo_dev_state_add is called in process context for a live device of ours, with an association that nobody
        // else knows yet and that is going to be given to `free` if this succeeds.
        let (dev, state, ext) = unsafe {
            (
                NetDevice::from_raw(dev),
                State::from_raw(x),
                ExtAck::from_raw(ext),
            )
        };
        let driver = driver_of::<D>(dev).ok_or(ENODEV)?;
        let refuse = |error, why: &str| {
            if let Some(ext) = &ext {
                ext.say(format_args!("{why}"));
            }
            Err(error)
        };
        let mut inner = driver.associations().0.lock();
        let inner = &mut *inner;
        if !inner.offered {
            return refuse(EOPNOTSUPP, "IPsec offload needs mode active-backup");
        }
        let Some(port) = &inner.home else {
            return refuse(ENODEV, "no slave is active");
        };
        let Some(hardware) = Hardware::of(D::device_of(port)) else {
            return refuse(EOPNOTSUPP, "the active slave has no IPsec offload");
        };
        if !hardware.knows(state) {
            return refuse(EINVAL, "the active slave has no IPsec offload with ESN");
        }
        inner.states.reserve(1, GFP_KERNEL)?;
        hardware.add(state, ext.as_ref())?;
        state.set_home(hardware.dev.as_ptr());
        // There is room.
        let _ = inner.states.push(state, GFP_KERNEL);
        Ok(0)
    })
}

/// # Safety
///
/// Called with an association that `add` has taken, mostly with its lock held. Must not sleep.
unsafe extern "C" fn delete(_dev: *mut c::net_device, x: *mut c::xfrm_state) {
    // SAFETY: xdo_dev_state_delete is called with an association that `add` has taken, mostly with its lock held.
    let state = unsafe { State::from_raw(x) };
    // Where the lock is not held, the association has not been known to anybody; its home is left
    // no sooner than we are done.
    Rcu::read(|_| {
        let home = state.home();
        if !home.is_null() {
            // SAFETY: The home is kept while it is one, and its memory until the section ends.
            if let Some(hardware) = Hardware::of(unsafe { NetDevice::from_raw(home) }) {
                hardware.delete(state);
            }
        }
    });
}

/// # Safety
///
/// Called in process context for a live device of ours, with a dead association that it was
/// offered.
unsafe extern "C" fn free<D: Xfrm>(dev: *mut c::net_device, x: *mut c::xfrm_state) {
    // SAFETY: xdo_dev_state_free is called in process context for a live device of ours, with a dead association that it
    // was offered.
    let (dev, state) = unsafe { (NetDevice::from_raw(dev), State::from_raw(x)) };
    let Some(driver) = driver_of::<D>(dev) else {
        return;
    };
    let mut inner = driver.associations().0.lock();
    if !state.home().is_null() {
        state.set_home(ptr::null_mut());
        let home = inner.home.as_ref().map(|port| D::device_of(port));
        if let Some(hardware) = home.and_then(Hardware::of) {
            hardware.free(state);
        }
    }
    inner.states.retain(|s| *s != state);
}

/// Lets `f` see the operations of the lower device that works on an association. Nothing while
/// there is none, or the traffic goes by another just now.
///
/// # Safety
///
/// The association is alive and one that `add` has taken.
unsafe fn at_home<D: Xfrm, R>(
    x: *mut c::xfrm_state,
    f: impl FnOnce(&Hardware<'_>) -> Option<R>,
) -> Option<R> {
    // SAFETY: The caller's promise.
    let state = unsafe { State::from_raw(x) };
    Rcu::read(|rcu| {
        // SAFETY: The association is alive. Its device is null when it has been freed, which
        // packets do not wait for; else it lives as long as the section.
        let dev = unsafe { AtomicPtr::from_ptr(&raw mut (*x).xso.dev) }.load(Ordering::Relaxed);
        if dev.is_null() {
            return None;
        }
        // SAFETY: As said above.
        let driver = driver_of::<D>(unsafe { NetDevice::from_raw(dev) })?;
        let lower = driver.active_lower(rcu)?;
        if lower.as_ptr() != state.home() {
            return None;
        }
        f(&Hardware::of(lower)?)
    })
}

/// # Safety
///
/// Called with a packet that is to go out and its live association, which `add` has taken.
unsafe extern "C" fn offload_ok<D: Xfrm>(skb: *mut c::sk_buff, x: *mut c::xfrm_state) -> bool {
    // SAFETY: xdo_dev_offload_ok is called with a packet that is to go out and its live association, which `add` has
    // taken.
    unsafe {
        at_home::<D, bool>(x, |home| {
            Some(c::rb_xfrm_offload_ok(home.dev.as_ptr(), skb, x))
        })
    }
    .unwrap_or(false)
}

/// # Safety
///
/// Called with a live association that `add` has taken. Must not sleep.
unsafe extern "C" fn advance_esn<D: Xfrm>(x: *mut c::xfrm_state) {
    // SAFETY: xdo_dev_state_advance_esn is called with a live association that `add` has taken; the driver gets the
    // association it was given.
    unsafe { at_home::<D, ()>(x, |home| home.ops.xdo_dev_state_advance_esn.map(|f| f(x))) };
}

/// # Safety
///
/// Called with a live association that `add` has taken. Must not sleep.
unsafe extern "C" fn update_stats<D: Xfrm>(x: *mut c::xfrm_state) {
    // SAFETY: xdo_dev_state_update_stats is called with a live association that `add` has taken; the driver gets the
    // association it was given.
    unsafe { at_home::<D, ()>(x, |home| home.ops.xdo_dev_state_update_stats.map(|f| f(x))) };
}
