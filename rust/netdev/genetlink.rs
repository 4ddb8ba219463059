// SPDX-License-Identifier: GPL-2.0

//! A family of generic netlink: questions about devices, and news of them for who listens.
//!
//! C header: `include/net/genetlink.h`.

use core::{
    cell::UnsafeCell,
    marker::PhantomData,
    mem,
    ptr::{self, NonNull},
    sync::atomic::{AtomicPtr, Ordering},
};

use cbindings as c;
use kernel::{ffi, str::CStr};

use crate::{
    anchor::{driver_of, Fixed},
    claim::{Claim, Claimed},
    device::NetDevice,
    driver::Driver,
    netlink::{Attr, ExtAck, Fill, Policy},
    prelude::*,
    rcu::{self, Rcu},
};

/// Room for the attributes of a reply, in octets.
const REPLY: u32 = 3072;
/// Room for the attributes of a message to a group, in octets.
const NEWS: u32 = 320;

/// A command of a family.
pub struct Command {
    /// Its number. `genl_ops::cmd`.
    pub number: u8,
    /// It answers a request for one. `genl_ops::doit`.
    pub one: bool,
    /// It answers a request for a dump. `genl_ops::dumpit`.
    pub dump: bool,
    /// Only for who has CAP_NET_ADMIN in the network namespace. GENL_UNS_ADMIN_PERM.
    pub admin: bool,
    /// The highest attribute of a request. `genl_ops::maxattr`.
    pub max_attr: u16,
    /// Returns the check of an attribute of a request. `genl_ops::policy`.
    pub policy: fn(command: u8, attr: u16) -> Policy,
}

/// A family of generic netlink.
pub trait Family: Sized + Send + Sync + 'static {
    /// Its static, in which the registration is kept.
    const ANCHOR: Fixed<Anchor>;
    /// The family's name.
    const NAME: &'static CStr;
    /// The family's version.
    const VERSION: u8;
    /// The name of its multicast group.
    const GROUP: &'static CStr;

    /// Calls `f` with each command.
    fn commands(f: &mut dyn FnMut(Command) -> Result) -> Result;

    /// Answers a request for one.
    ///
    /// # Context
    ///
    /// In a read-side section; does not sleep.
    fn one(request: &Request<'_>, to: &mut Fill<'_>, rcu: &Rcu) -> Result;

    /// Goes on with a dump behind where `at` says that it is; zeroes are its start. The dump has ended when
    /// nothing is added.
    ///
    /// # Context
    ///
    /// In a read-side section; does not sleep.
    fn dump(request: &Request<'_>, at: &mut Position, to: &mut Dump<'_>, rcu: &Rcu) -> Result;
}

/// The position that a dump has reached; the meaning is the family's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Position {
    /// The device.
    pub device: u64,
    /// Something of it.
    pub part: u64,
}

const _: () = assert!(
    mem::size_of::<Position>() <= 48,
    "what netlink_callback::ctx holds"
);

/// The static by which a family is found. It knows nothing of what the family answers, so that who has something to
/// tell need not either.
///
/// # Invariants
///
/// `family` is null, or a family that is registered until a grace period after it is null.
pub struct Anchor {
    registered: Claimed,
    family: AtomicPtr<c::genl_family>,
}

impl Anchor {
    /// An anchor of a family that is not registered.
    pub const fn new() -> Self {
        Anchor {
            registered: Claimed::new(),
            family: AtomicPtr::new(ptr::null_mut()),
        }
    }
}

impl Default for Anchor {
    fn default() -> Self {
        Anchor::new()
    }
}

/// The structures of a family that the kernel is given. On the heap, where they stay until it has
/// been unregistered.
struct Tables {
    family: UnsafeCell<c::genl_family>,
    group: c::genl_multicast_group,
    commands: KVec<c::genl_ops>,
    _policies: KVec<KVec<c::nla_policy>>,
}

/// The family, known to the kernel until this is dropped.
pub struct Registration<F: Family> {
    tables: KBox<Tables>,
    _claim: Claim,
    _family: PhantomData<fn() -> F>,
}

// SAFETY: The tables are constant but for what the kernel changes under its locks.
unsafe impl<F: Family> Send for Registration<F> {}
// SAFETY: As above.
unsafe impl<F: Family> Sync for Registration<F> {}

/// Copies a name, with zeroes behind it.
fn put_name(to: &mut [ffi::c_char], name: &CStr) {
    let room = to.len().saturating_sub(1);
    for (to, from) in to.iter_mut().take(room).zip(name.to_bytes()) {
        *to = *from as ffi::c_char;
    }
}

impl<F: Family> Registration<F> {
    /// Makes the family known. `EEXIST` if there is one by that name, `EBUSY` if it is registered.
    #[inline(never)]
    pub fn new() -> Result<Self> {
        let anchor = F::ANCHOR.get();
        let claim = anchor.registered.claim()?;
        let mut tables = KBox::new(
            Tables {
                family: UnsafeCell::new(c::genl_family::default()),
                group: c::genl_multicast_group::default(),
                commands: KVec::new(),
                _policies: KVec::new(),
            },
            GFP_KERNEL,
        )?;
        let Tables {
            commands,
            _policies: policies,
            ..
        } = &mut *tables;
        F::commands(&mut |command| {
            let mut policy = KVec::with_capacity(usize::from(command.max_attr) + 1, GFP_KERNEL)?;
            for attr in 0..=command.max_attr {
                policy.push((command.policy)(command.number, attr).raw(), GFP_KERNEL)?;
            }
            let ops = c::genl_ops {
                doit: if command.one { Some(doit::<F>) } else { None },
                dumpit: if command.dump {
                    Some(dumpit::<F>)
                } else {
                    None
                },
                policy: policy.as_ptr(),
                maxattr: command.max_attr.into(),
                cmd: command.number,
                flags: if command.admin {
                    c::GENL_UNS_ADMIN_PERM as u8
                } else {
                    0
                },
                ..Default::default()
            };
            policies.push(policy, GFP_KERNEL)?;
            commands.push(ops, GFP_KERNEL)?;
            Ok(())
        })?;
        put_name(&mut tables.group.name, F::GROUP);
        let (ops, count, group) = (
            tables.commands.as_ptr(),
            tables.commands.len() as u8,
            &raw const tables.group,
        );
        let family = tables.family.get_mut();
        put_name(&mut family.name, F::NAME);
        family.version = F::VERSION.into();
        family.ops = ops;
        family.n_ops = count;
        family.mcgrps = group;
        family.n_mcgrps = 1;
        let family = tables.family.get();
        // SAFETY: The tables stay where they are until `drop` has unregistered the family.
        to_result(unsafe { c::rb_genl_register(family) })?;
        anchor.family.store(family, Ordering::Release);
        Ok(Registration {
            tables,
            _claim: claim,
            _family: PhantomData,
        })
    }
}

impl<F: Family> Drop for Registration<F> {
    fn drop(&mut self) {
        F::ANCHOR
            .get()
            .family
            .store(ptr::null_mut(), Ordering::Release);
        // Whoever has found the family tells of something in a read-side section.
        rcu::synchronize_net();
        // SAFETY: Registered in `new`. Fails only for a family that is not.
        let _ = unsafe { c::genl_unregister_family(self.tables.family.get()) };
    }
}

/// A request.
///
/// # Invariants
///
/// The request is alive, and its attributes are checked.
pub struct Request<'a> {
    info: NonNull<c::genl_info>,
    extack: Option<ExtAck>,
    command: u8,
    max_attr: u16,
    admin: bool,
    _message: PhantomData<&'a ()>,
}

impl<'a> Request<'a> {
    /// # Safety
    ///
    /// `info` is that of a request to `F` which lives as long as the result, with attributes as the command's policy
    /// says.
    unsafe fn new<F: Family>(info: NonNull<c::genl_info>, command: u8) -> Self {
        let mut max_attr = 0;
        let _ = F::commands(&mut |of| {
            if of.number == command {
                max_attr = of.max_attr;
            }
            Ok(())
        });
        // SAFETY: The caller's promise.
        let (extack, admin) = unsafe {
            let net = c::rb_genl_net(info.as_ptr());
            (
                ExtAck::from_raw((*info.as_ptr()).extack),
                c::rb_net_capable_net_admin(net),
            )
        };
        Request {
            info,
            extack,
            command,
            max_attr,
            admin,
            _message: PhantomData,
        }
    }

    /// The command's number.
    pub fn command(&self) -> u8 {
        self.command
    }

    /// Returns whether the one who asks has CAP_NET_ADMIN in the network namespace.
    pub fn is_admin(&self) -> bool {
        self.admin
    }

    /// Returns the place for the explanation of an error.
    pub fn extack(&self) -> Option<&ExtAck> {
        self.extack.as_ref()
    }

    /// An attribute of the request.
    pub fn get(&self, number: u16) -> Option<Attr<'a>> {
        if number > self.max_attr {
            return None;
        }
        // SAFETY: By the invariant: null, or a table up to the highest attribute of the command.
        unsafe {
            let table = (*self.info.as_ptr()).attrs;
            if table.is_null() {
                return None;
            }
            Attr::from_raw(*table.add(number.into()))
        }
    }

    /// An attribute that is a number in four octets.
    pub fn get_u32(&self, number: u16) -> Option<u32> {
        let octets = self.get(number)?.payload().first_chunk()?;
        Some(u32::from_ne_bytes(*octets))
    }

    /// An attribute that is a number in four octets or in eight.
    pub fn get_uint(&self, number: u16) -> Option<u64> {
        match self.get(number)?.payload() {
            &[a, b, c, d] => Some(u32::from_ne_bytes([a, b, c, d]).into()),
            payload => Some(u64::from_ne_bytes(*payload.first_chunk()?)),
        }
    }

    /// The first device in the request's network namespace that has the ifindex `at` or a higher one.
    fn first<'r>(&self, mut at: usize, _rcu: &'r Rcu) -> Option<&'r NetDevice> {
        // SAFETY: The request's namespace is alive; a device that is found is as long as the section lasts.
        unsafe {
            let dev = c::rb_next_netdev_at(c::rb_genl_net(self.info.as_ptr()), &raw mut at);
            (!dev.is_null()).then(|| NetDevice::from_raw(dev))
        }
    }

    /// The first device of the driver `D` in the request's network namespace that has that ifindex or a higher
    /// one.
    pub fn next_device<'r, D: Driver>(
        &self,
        ifindex: u64,
        rcu: &'r Rcu,
    ) -> Option<(&'r NetDevice, &'r D)> {
        let mut at = ifindex as usize;
        loop {
            let dev = self.first(at, rcu)?;
            if let Some(driver) = driver_of::<D>(dev) {
                return Some((dev, driver));
            }
            at = (dev.ifindex() as usize).checked_add(1)?;
        }
    }

    /// The device of the driver `D` with that ifindex. ENODEV if there is none, EOPNOTSUPP if it is not the driver's.
    pub fn device<'r, D: Driver>(
        &self,
        ifindex: u32,
        rcu: &'r Rcu,
    ) -> Result<(&'r NetDevice, &'r D)> {
        let dev = self.first(ifindex as usize, rcu);
        let dev = dev.filter(|dev| dev.ifindex() as u32 == ifindex);
        let dev = dev.ok_or(ENODEV)?;
        Ok((dev, driver_of::<D>(dev).ok_or(EOPNOTSUPP)?))
    }
}

/// A dump that is being written.
pub struct Dump<'a> {
    skb: NonNull<c::sk_buff>,
    family: *const c::genl_family,
    portid: u32,
    seq: u32,
    command: u8,
    _message: PhantomData<&'a mut ()>,
}

impl Dump<'_> {
    /// Adds a message with what `f` adds; false if there is no room for it, and nothing has been added.
    pub fn add(&mut self, f: impl FnOnce(&mut Fill<'_>) -> Result) -> Result<bool> {
        // SAFETY: The message is ours to write, and the family lives while it answers.
        let header = unsafe {
            c::genlmsg_put(
                self.skb.as_ptr(),
                self.portid,
                self.seq,
                self.family,
                c::NLM_F_MULTI as i32,
                self.command,
            )
        };
        if header.is_null() {
            return Ok(false);
        }
        // SAFETY: As above.
        let done = f(&mut unsafe { Fill::from_raw(self.skb) });
        // SAFETY: The header was put into this message.
        unsafe {
            match done {
                Ok(()) => c::rb_genl_end(self.skb.as_ptr(), header),
                Err(_) => c::rb_genl_cancel(self.skb.as_ptr(), header),
            }
        }
        match done {
            Ok(()) => Ok(true),
            Err(e) if e == EMSGSIZE => Ok(false),
            Err(e) => Err(e),
        }
    }
}

/// # Safety
///
/// Called by generic netlink with a request to `F`.
unsafe extern "C" fn doit<F: Family>(_skb: *mut c::sk_buff, info: *mut c::genl_info) -> ffi::c_int {
    from_result(|| {
        // SAFETY: doit is called with a request that it has checked.
        let (request, portid, seq, family) = unsafe {
            let info = NonNull::new_unchecked(info);
            let command = (*(*info.as_ptr()).genlhdr).cmd;
            (
                Request::new::<F>(info, command),
                (*info.as_ptr()).snd_portid,
                (*info.as_ptr()).snd_seq,
                (*info.as_ptr()).family,
            )
        };
        let mut header = ptr::null_mut();
        // SAFETY: The family lives while it answers; doit may sleep.
        let reply = NonNull::new(unsafe {
            c::rb_genl_begin(
                family,
                portid,
                seq,
                request.command,
                REPLY,
                true,
                &raw mut header,
            )
        })
        .ok_or(ENOMEM)?;
        // SAFETY: The reply is ours to write.
        let mut fill = unsafe { Fill::from_raw(reply) };
        let done = Rcu::read(|rcu| F::one(&request, &mut fill, rcu));
        // SAFETY: The reply is ours, and is given away or freed here.
        unsafe {
            match done {
                Ok(()) => {
                    c::rb_genl_end(reply.as_ptr(), header);
                    to_result(c::rb_genl_reply(reply.as_ptr(), request.info.as_ptr()))?;
                    Ok(0)
                }
                Err(e) => {
                    c::rb_genl_free(reply.as_ptr());
                    Err(e)
                }
            }
        }
    })
}

/// # Safety
///
/// Called by generic netlink with a message to write to, for a request to `F`.
unsafe extern "C" fn dumpit<F: Family>(
    skb: *mut c::sk_buff,
    cb: *mut c::netlink_callback,
) -> ffi::c_int {
    from_result(|| {
        // SAFETY: dumpit is called with a message to write to, and a request that it has checked. A dump's own
        // memory begins as zeroes, which are a position, and is large enough and aligned.
        let (request, mut dump, at) = unsafe {
            let info = NonNull::new_unchecked(c::rb_genl_dump_info(cb).cast_mut());
            let skb = NonNull::new_unchecked(skb);
            let command = (*(*info.as_ptr()).genlhdr).cmd;
            let mut request = Request::new::<F>(info, command);
            request.extack = ExtAck::from_raw((*cb).extack);
            let dump = Dump {
                skb,
                family: (*info.as_ptr()).family,
                portid: (*info.as_ptr()).snd_portid,
                seq: (*info.as_ptr()).snd_seq,
                command,
                _message: PhantomData,
            };
            let at = &raw mut (*cb).__bindgen_anon_1.ctx;
            (request, dump, &mut *at.cast::<Position>())
        };
        Rcu::read(|rcu| F::dump(&request, at, &mut dump, rcu))?;
        // SAFETY: The message is alive.
        Ok(unsafe { (*skb).len } as i32)
    })
}

impl Anchor {
    /// Tells the family's group, in the network namespace of `dev`, what `f` writes, if anybody listens. Who listens
    /// learns of a message that was lost for want of memory or room (ENOBUFS).
    ///
    /// # Context
    ///
    /// Any but a hardware interrupt.
    pub fn tell(&self, dev: &NetDevice, command: u8, f: impl FnOnce(&mut Fill<'_>) -> Result) {
        Rcu::read(|_rcu| {
            let family = self.family.load(Ordering::Acquire);
            if family.is_null() {
                return;
            }
            // SAFETY: By the invariant the family is registered as long as the section lasts, and so is the
            // namespace of a device that is alive.
            unsafe {
                let net = c::rb_dev_net(dev.as_ptr());
                if c::rb_genl_heard(family, net, 0) {
                    tell_in(family, net, command, f);
                }
            }
        });
    }
}

/// # Safety
///
/// The family is registered, and the namespace alive.
#[cold]
unsafe fn tell_in(
    family: *const c::genl_family,
    net: *mut c::net,
    command: u8,
    f: impl FnOnce(&mut Fill<'_>) -> Result,
) {
    let mut header = ptr::null_mut();
    // SAFETY: The caller's promise; the message is ours until it is given away or freed.
    unsafe {
        let skb = c::rb_genl_begin(family, 0, 0, command, NEWS, false, &raw mut header);
        let Some(message) = NonNull::new(skb) else {
            return c::rb_genl_lost(family, net, 0);
        };
        if f(&mut Fill::from_raw(message)).is_err() {
            c::rb_genl_free(skb);
            return c::rb_genl_lost(family, net, 0);
        }
        c::rb_genl_end(skb, header);
        c::rb_genl_tell(family, net, skb, 0);
    }
}
