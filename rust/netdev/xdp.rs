// SPDX-License-Identifier: GPL-2.0

//! XDP: programs that see frames before the stack does, and send some of them.
//!
//! A program that is put on a master runs on its lower devices. What it sends back there
//! (XDP_TX), and what a program anywhere redirects to the master, goes out by the lower device
//! that [`Xdp::lower_for`] names.
//!
//! C header: `include/net/xdp.h`.

use core::{ptr, slice};

use cbindings as c;
use kernel::ffi;
use wire::{batch::send_runs, flow::FlowKeys};

use crate::{
    anchor::{driver_behind, driver_of},
    device::NetDevice,
    dissect::{self, Of},
    netlink::ExtAck,
    offers::Offers,
    prelude::*,
    rcu::Rcu,
    rtnl::Rtnl,
    upper::Upper,
};

/// A program.
///
/// # Invariants
///
/// It is a program of which one reference is ours.
pub struct Program(ptr::NonNull<c::bpf_prog>);

// SAFETY: A program does not change, and its references are counted atomically.
unsafe impl Send for Program {}
// SAFETY: As above.
unsafe impl Sync for Program {}

impl Program {
    /// # Safety
    ///
    /// Null, or a program of which one reference is given to us.
    unsafe fn from_raw(program: *mut c::bpf_prog) -> Option<Self> {
        ptr::NonNull::new(program).map(Program)
    }

    fn raw(this: Option<&Self>) -> *mut c::bpf_prog {
        this.map_or(ptr::null_mut(), |program| program.0.as_ptr())
    }
}

impl Clone for Program {
    fn clone(&self) -> Self {
        // SAFETY: The program is alive, for a reference is ours.
        unsafe { c::rb_prog_inc(self.0.as_ptr()) };
        Program(self.0)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // SAFETY: The reference is ours, and nobody uses it any more.
        unsafe { c::rb_prog_put(self.0.as_ptr()) };
    }
}

/// As long as one is alive, drivers ask the master of a device where a frame goes that a program
/// sends back.
pub struct Steering(());

impl Steering {
    /// Has them ask. Both this and the drop may sleep.
    pub fn start() -> Self {
        // SAFETY: Callers may sleep; the kernel tells when they may not.
        unsafe { c::rb_steer_xdp(true) };
        Steering(())
    }
}

impl Drop for Steering {
    fn drop(&mut self) {
        // SAFETY: As above; this pairs with `start`.
        unsafe { c::rb_steer_xdp(false) };
    }
}

/// A frame that a program sends by a device: its first bytes, from the Ethernet header on.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    head: &'a [u8],
    dev: &'a NetDevice,
}

impl<'a> Frame<'a> {
    /// # Safety
    ///
    /// So many bytes can be read at `head`, and nobody changes them, for as long as the frame is
    /// used.
    unsafe fn new(head: *const ffi::c_void, len: u32, dev: &'a NetDevice) -> Self {
        Frame {
            // SAFETY: The caller's promise.
            head: unsafe { slice::from_raw_parts(head.cast(), len as usize) },
            dev,
        }
    }

    /// Its bytes.
    #[inline]
    pub fn head(&self) -> &'a [u8] {
        self.head
    }

    /// Runs the flow dissector on it, from a network header of this type (EtherType, host order) at `at` on.
    pub fn dissect(&self, protocol: u16, at: usize) -> Option<FlowKeys> {
        let of = Of::Frame(self.head.as_ptr(), self.dev);
        // SAFETY: So many bytes are there.
        unsafe { dissect::dissect(of, protocol.to_be(), at as i32, self.head.len() as i32) }
    }
}

/// A driver whose lower devices run XDP programs.
pub trait Xdp: Upper {
    /// Has the lower devices run this program; none takes it off. `ndo_bpf`, XDP_SETUP_PROG.
    ///
    /// # Context
    ///
    /// RTNL is held; may sleep.
    fn set_program(
        &self,
        dev: &NetDevice,
        program: Option<Program>,
        ext: Option<&ExtAck>,
        rtnl: &Rtnl,
    ) -> Result;
    /// The lower device by which a frame goes out that a program sends. `ndo_xdp_xmit`,
    /// `ndo_xdp_get_xmit_slave`.
    ///
    /// # Context
    ///
    /// Does not sleep.
    fn lower_for<'a>(&'a self, frame: &Frame<'_>, rcu: &'a Rcu) -> Option<&'a NetDevice>;
}

impl<D: Xdp> Offers<'_, D> {
    /// Its lower devices run XDP programs.
    pub fn xdp(&mut self) -> &mut Self {
        let ops = self.ops();
        ops.ndo_bpf = Some(bpf::<D>);
        ops.ndo_xdp_xmit = Some(xmit::<D>);
        ops.ndo_xdp_get_xmit_slave = Some(xmit_slave::<D>);
        self
    }
}

impl NetDevice {
    /// Its driver runs programs, and sends what programs elsewhere redirect to it.
    pub fn runs_programs(&self) -> bool {
        // SAFETY: A device has its operations as long as it lives.
        let ops = unsafe { &*(*self.as_ptr()).netdev_ops };
        ops.ndo_bpf.is_some() && ops.ndo_xdp_xmit.is_some()
    }

    /// A program has been put on this very device.
    pub fn has_program(&self, _rtnl: &Rtnl) -> bool {
        // SAFETY: RTNL is held and the device is alive.
        unsafe { c::dev_xdp_prog_count(self.as_ptr()) != 0 }
    }

    /// Its driver runs this program, for its master; none takes it off.
    pub fn run_program(
        &self,
        _rtnl: &Rtnl,
        program: Option<&Program>,
        ext: Option<&ExtAck>,
    ) -> Result {
        // The driver gets a reference of its own.
        let own = program.cloned();
        // SAFETY: RTNL is held, the device is alive, and so is the program.
        to_result(unsafe {
            c::rb_xdp_propagate(self.as_ptr(), Program::raw(program), ExtAck::raw(ext))
        })?;
        core::mem::forget(own);
        Ok(())
    }

    /// Returns the kinds of programs and frames that it takes. NETDEV_XDP_ACT_*.
    pub fn xdp_features(&self, _rtnl: &Rtnl) -> XdpFeatures {
        // SAFETY: The device is alive, and they change under RTNL.
        XdpFeatures(unsafe { (*self.as_ptr()).xdp_features })
    }

    /// Says what a device of ours can do with programs. If that is new, takes the device's own lock.
    pub fn set_xdp_features(&self, _rtnl: &Rtnl, features: XdpFeatures) {
        // SAFETY: RTNL is held and the device is alive.
        unsafe {
            if (*self.as_ptr()).xdp_features != features.0 {
                c::xdp_set_features_flag(self.as_ptr(), features.0);
            }
        }
    }
}

/// A set of NETDEV_XDP_ACT_*.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct XdpFeatures(u32);

impl XdpFeatures {
    /// None.
    pub const NONE: Self = XdpFeatures(0);
    /// All that do not need a queue of the very device.
    pub const ALL: Self = XdpFeatures(
        c::netdev_xdp_act_NETDEV_XDP_ACT_MASK & !c::netdev_xdp_act_NETDEV_XDP_ACT_XSK_ZEROCOPY,
    );

    /// Returns the features that both have.
    pub const fn and(self, other: Self) -> Self {
        XdpFeatures(self.0 & other.0)
    }
}

/// # Safety
///
/// Called under RTNL for a registered device of ours. A program that is set comes with a reference
/// that is ours if we take it.
unsafe extern "C" fn bpf<D: Xdp>(
    dev: *mut c::net_device,
    request: *mut c::netdev_bpf,
) -> ffi::c_int {
    from_result(|| {
        // SAFETY: ndo_bpf is called under RTNL for a registered device of ours.
        let (dev, rtnl) = unsafe { (NetDevice::from_raw(dev), Rtnl::assume()) };
        // First: who goes back from here on has no reference to give back.
        let driver = driver_of::<D>(dev).ok_or(ENODEV)?;
        // SAFETY: ndo_bpf is called under RTNL for a registered device of ours; the command says which member
        // of the union there is.
        let (program, ext) = unsafe {
            if (*request).command != c::bpf_netdev_command_XDP_SETUP_PROG {
                return Err(EINVAL);
            }
            let setup = (*request).__bindgen_anon_1.__bindgen_anon_1;
            (
                Program::from_raw(setup.prog),
                ExtAck::from_raw(setup.extack),
            )
        };
        let result = driver.set_program(dev, program.clone(), ext.as_ref(), rtnl);
        if result.is_err() {
            // The caller takes its reference back.
            core::mem::forget(program);
        }
        result.map(|()| 0)
    })
}

/// Returns the device for a frame that a program on a lower device sends back; null if the frame is
/// to go out where it came in.
///
/// # Safety
///
/// Called in a read-side section with a live device of ours and a frame.
unsafe extern "C" fn xmit_slave<D: Xdp>(
    dev: *mut c::net_device,
    frame: *mut c::xdp_buff,
) -> *mut c::net_device {
    // SAFETY: ndo_xdp_get_xmit_slave is called in a read-side section with a live device of ours and a frame:
    // the frame lies between `data` and `data_end`.
    let (driver, frame) = unsafe {
        let len = (*frame).data_end.byte_offset_from((*frame).data);
        let dev = NetDevice::from_raw(dev);
        let len = u32::try_from(len).unwrap_or(0);
        (driver_behind::<D>(dev), Frame::new((*frame).data, len, dev))
    };
    let Some(driver) = driver else {
        return ptr::null_mut();
    };
    // The section of the caller keeps the device that is named.
    Rcu::read(|rcu| {
        let lower = driver.lower_for(&frame, rcu);
        lower.map_or(ptr::null_mut(), NetDevice::as_ptr)
    })
}

/// Sends frames that programs redirect to a device of ours. Returns how many were sent, or an
/// error if it was none; the caller frees the others.
///
/// # Safety
///
/// Called with a live device of ours and `n` frames that are given to us.
unsafe extern "C" fn xmit<D: Xdp>(
    dev: *mut c::net_device,
    n: ffi::c_int,
    frames: *mut *mut c::xdp_frame,
    flags: u32,
) -> ffi::c_int {
    // SAFETY: ndo_xdp_xmit is called with a live device of ours and `n` frames that are given to us.
    let (dev, frames) = unsafe {
        (
            NetDevice::from_raw(dev),
            slice::from_raw_parts_mut(frames, usize::try_from(n).unwrap_or(0)),
        )
    };
    // SAFETY: The device is ours, as said.
    let Some(driver) = (unsafe { driver_behind::<D>(dev) }) else {
        return ENXIO.to_errno();
    };
    Rcu::read(|rcu| {
        // SAFETY: A frame that has not been sent is alive, and ours.
        let way = |frame: &*mut c::xdp_frame| unsafe {
            let frame = &**frame;
            // Of 16 bits in older kernels.
            #[allow(clippy::useless_conversion)]
            let len = frame.len.into();
            let lower = driver.lower_for(&Frame::new(frame.data, len, dev), rcu)?;
            Some(Way(lower))
        };
        let sent = send_runs(frames, way, |Way(lower), run| lower.send_frames(run, flags));
        match sent {
            Ok(sent) => sent as ffi::c_int,
            Err(e) => e.unwrap_or(ENXIO).to_errno(),
        }
    })
}

/// The lower device by which a frame goes.
#[derive(Clone, Copy)]
struct Way<'a>(&'a NetDevice);

impl PartialEq for Way<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.is(other.0)
    }
}

impl NetDevice {
    /// Has its driver send these frames, and says how many it took. As `ndo_xdp_xmit`.
    fn send_frames(&self, frames: &mut [*mut c::xdp_frame], flags: u32) -> Result<usize> {
        // SAFETY: A device has its operations as long as it lives.
        let ops = unsafe { &*(*self.as_ptr()).netdev_ops };
        let send = ops.ndo_xdp_xmit.ok_or(EOPNOTSUPP)?;
        let count = frames.len() as ffi::c_int;
        // SAFETY: The frames are alive, and ours to give.
        let took = unsafe { send(self.as_ptr(), count, frames.as_mut_ptr(), flags) };
        to_result(took)?;
        Ok(usize::try_from(took).unwrap_or(0))
    }
}
