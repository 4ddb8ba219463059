// SPDX-License-Identifier: GPL-2.0

//! The module's parameters, judged as a whole when it is loaded.

use super::check::is_target4;
use super::name::{until, Name};
use super::params::{
    AdSelect, ArpAllTargets, ArpValidate, FailOverMac, LacpRate, Params, PrimaryReselect,
    DEFAULT_MIIMON,
};
use super::refusal::{Errno, Note, Notes, Quote, Reason, Refusal};
use super::spec::Kind;
use super::table::Opt;
use super::targets::TargetError;
use super::value;
use crate::hash::Policy;
use crate::mode::Mode;

/// tx_queues where it is not given or out of range.
pub const DEFAULT_TX_QUEUES: i32 = 16;

/// The parameters as the loader has read them: texts without their NUL, numbers as C ints.
/// `Default` is that of a module loaded without any.
#[derive(Clone, Copy, Debug)]
pub struct ModuleParams<'a> {
    /// max_bonds: bonds made when the module is loaded.
    pub max_bonds: i32,
    /// The value taken for max_bonds when it is out of range.
    pub default_bonds: i32,
    /// tx_queues: transmit queues of a bond, 1 to 255.
    pub tx_queues: i32,
    /// num_grat_arp and num_unsol_na, which are one.
    pub num_peer_notif: i32,
    /// miimon, milliseconds.
    pub miimon: i32,
    /// updelay, milliseconds.
    pub updelay: i32,
    /// downdelay, milliseconds.
    pub downdelay: i32,
    /// use_carrier, 1.
    pub use_carrier: i32,
    /// mode.
    pub mode: Option<&'a [u8]>,
    /// primary.
    pub primary: Option<&'a [u8]>,
    /// primary_reselect.
    pub primary_reselect: Option<&'a [u8]>,
    /// lacp_rate.
    pub lacp_rate: Option<&'a [u8]>,
    /// ad_select.
    pub ad_select: Option<&'a [u8]>,
    /// min_links.
    pub min_links: i32,
    /// xmit_hash_policy.
    pub xmit_hash_policy: Option<&'a [u8]>,
    /// arp_interval, milliseconds.
    pub arp_interval: i32,
    /// arp_ip_target, up to the first that is not given.
    pub arp_ip_target: [Option<&'a [u8]>; 16],
    /// arp_validate.
    pub arp_validate: Option<&'a [u8]>,
    /// arp_all_targets.
    pub arp_all_targets: Option<&'a [u8]>,
    /// fail_over_mac.
    pub fail_over_mac: Option<&'a [u8]>,
    /// all_slaves_active, 0 or 1.
    pub all_slaves_active: i32,
    /// resend_igmp.
    pub resend_igmp: i32,
    /// packets_per_slave.
    pub packets_per_slave: i32,
    /// lp_interval, seconds; an unsigned int.
    pub lp_interval: u32,
}

impl Default for ModuleParams<'_> {
    fn default() -> Self {
        ModuleParams {
            max_bonds: 0,
            default_bonds: 0,
            tx_queues: DEFAULT_TX_QUEUES,
            num_peer_notif: 1,
            miimon: 0,
            updelay: 0,
            downdelay: 0,
            use_carrier: 1,
            mode: None,
            primary: None,
            primary_reselect: None,
            lacp_rate: None,
            ad_select: None,
            min_links: 0,
            xmit_hash_policy: None,
            arp_interval: 0,
            arp_ip_target: [None; 16],
            arp_validate: None,
            arp_all_targets: None,
            fail_over_mac: None,
            all_slaves_active: 0,
            resend_igmp: 1,
            packets_per_slave: 1,
            lp_interval: 1,
        }
    }
}

/// The result of judging the parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleDefaults {
    /// The options that every new bond starts with.
    pub params: Params,
    /// Bonds to make.
    pub max_bonds: u32,
    /// Transmit queues of a bond.
    pub tx_queues: u32,
    /// Lines for the log.
    pub notes: Notes<20>,
}

/// The number that a text stands for.
fn text(opt: Opt, text: &[u8]) -> Result<u64, Refusal> {
    let number = match opt.spec().kind {
        Kind::Number(numbers) => value::number(&numbers, text),
        _ => None,
    };
    let number = number.and_then(|number| u64::try_from(number).ok());
    number.ok_or(Refusal {
        opt,
        errno: Errno::Inval,
        value: Quote::text(text),
        reason: Reason::NoSuchValue,
    })
}

/// The value that a text stands for; the default's without one.
fn named<T: Default>(
    opt: Opt,
    given: Option<&[u8]>,
    from_number: impl Fn(u64) -> Option<T>,
) -> Result<T, Refusal> {
    match given {
        Some(given) => Ok(from_number(text(opt, given)?).unwrap_or_default()),
        None => Ok(T::default()),
    }
}

/// A number in its range, or what it is set to otherwise.
fn number(
    notes: &mut Notes<20>,
    name: &'static str,
    given: i32,
    range: (i32, i32),
    reset: i32,
) -> u32 {
    let (min, max) = range;
    let good = if (min..=max).contains(&given) {
        given
    } else {
        notes.push(Note::Reset(name, given.into(), reset));
        reset
    };
    u32::try_from(good).unwrap_or(0)
}

/// Judges the module's parameters: EINVAL for a text that means nothing, a note and a value that
/// works for a number out of range, as native has it.
#[inline]
pub fn module(given: &ModuleParams<'_>) -> Result<ModuleDefaults, Refusal> {
    let mut defaults = ModuleDefaults::default();
    defaults.take(given)?;
    Ok(defaults)
}

impl Default for ModuleDefaults {
    #[inline]
    fn default() -> ModuleDefaults {
        ModuleDefaults {
            params: Params::default(),
            max_bonds: 0,
            tx_queues: 0,
            notes: Notes::default(),
        }
    }
}

impl ModuleDefaults {
    /// As [`module`], into defaults that are blank, for those who have no room for them on their stack.
    pub fn take(&mut self, given: &ModuleParams<'_>) -> Result<(), Refusal> {
        const INT: (i32, i32) = (0, i32::MAX);
        const BYTE: (i32, i32) = (0, 255);
        let ModuleDefaults { params, notes, .. } = self;
        params.mode = named(Opt::Mode, given.mode, Mode::from_number)?;
        let mode = params.mode;

        if let Some(policy) = given.xmit_hash_policy {
            if matches!(
                mode,
                Mode::RoundRobin | Mode::ActiveBackup | Mode::Broadcast
            ) {
                notes.push(Note::Irrelevant(Opt::XmitHashPolicy, mode));
            } else {
                params.xmit_policy = named(Opt::XmitHashPolicy, Some(policy), Policy::from_number)?;
            }
        }
        if let Some(rate) = given.lacp_rate {
            if mode == Mode::Lacp {
                params.lacp_rate = named(Opt::LacpRate, Some(rate), LacpRate::from_number)?;
            } else {
                notes.push(Note::Irrelevant(Opt::LacpRate, mode));
            }
        }
        params.ad_select = named(Opt::AdSelect, given.ad_select, AdSelect::from_number)?;
        if given.ad_select.is_some() && mode != Mode::Lacp {
            notes.push(Note::Irrelevant(Opt::AdSelect, mode));
        }

        self.max_bonds = number(
            notes,
            "max_bonds",
            given.max_bonds,
            INT,
            given.default_bonds,
        );
        params.miimon = number(notes, "miimon", given.miimon, INT, 0);
        params.updelay = number(notes, "updelay", given.updelay, INT, 0);
        params.downdelay = number(notes, "downdelay", given.downdelay, INT, 0);
        if given.use_carrier != 1 {
            return Err(Refusal {
                opt: Opt::UseCarrier,
                errno: Errno::Inval,
                value: Quote::Number(given.use_carrier.into()),
                reason: Reason::Obsolete,
            });
        }
        let notify = number(notes, "num_grat_arp", given.num_peer_notif, BYTE, 1);
        params.num_peer_notif = u8::try_from(notify).unwrap_or(1);
        if !mode.uses_arp_monitor() && params.miimon == 0 {
            params.miimon = DEFAULT_MIIMON;
            notes.push(Note::MiimonSet(mode, DEFAULT_MIIMON));
        }
        self.tx_queues = number(
            notes,
            "tx_queues",
            given.tx_queues,
            (1, 255),
            DEFAULT_TX_QUEUES,
        );
        let all = number(
            notes,
            "all_slaves_active",
            given.all_slaves_active,
            (0, 1),
            0,
        );
        params.all_slaves_active = all != 0;
        let resend = number(notes, "resend_igmp", given.resend_igmp, BYTE, 1);
        params.resend_igmp = u8::try_from(resend).unwrap_or(1);
        let packets = number(
            notes,
            "packets_per_slave",
            given.packets_per_slave,
            (0, 65535),
            1,
        );
        params.packets_per_slave = u16::try_from(packets).unwrap_or(1);
        if mode == Mode::Alb {
            notes.push(Note::AlbUpdelay(params.updelay));
        }
        params.min_links = number(notes, "min_links", given.min_links, INT, 0);
        params.lp_interval = match i32::try_from(given.lp_interval) {
            Ok(1..) => given.lp_interval,
            _ => {
                notes.push(Note::Reset("lp_interval", given.lp_interval.into(), 1));
                1
            }
        };

        monitors(params, given, notes)?;

        params.primary_reselect = PrimaryReselect::default();
        if let Some(primary) = given.primary {
            if mode.has_active_slave() {
                params.primary = Some(interface(primary)?);
                params.primary_reselect = named(
                    Opt::PrimaryReselect,
                    given.primary_reselect,
                    PrimaryReselect::from_number,
                )?;
            } else {
                notes.push(Note::PrimaryIdle(Quote::text(primary), mode));
            }
        }
        params.fail_over_mac = named(
            Opt::FailOverMac,
            given.fail_over_mac,
            FailOverMac::from_number,
        )?;
        if given.fail_over_mac.is_some() && mode != Mode::ActiveBackup {
            notes.push(Note::Irrelevant(Opt::FailOverMac, mode));
        }

        Ok(())
    }
}

/// The name of the primary.
fn interface(given: &[u8]) -> Result<Name, Refusal> {
    let name = value::word(until(given, |b| b == 0));
    Name::new(name).ok_or(Refusal {
        opt: Opt::Primary,
        errno: Errno::Inval,
        value: Quote::text(given),
        reason: Reason::BadName,
    })
}

/// Which monitor watches the links: miimon wins over arp_interval.
fn monitors(
    params: &mut Params,
    given: &ModuleParams<'_>,
    notes: &mut Notes<20>,
) -> Result<(), Refusal> {
    let delays = [
        (Opt::Updelay, params.updelay),
        (Opt::Downdelay, params.downdelay),
    ];
    if params.miimon == 0 && (params.updelay, params.downdelay) != (0, 0) {
        notes.push(Note::DelaysIdle(params.updelay, params.downdelay));
    }
    for (opt, delay) in delays {
        let holds = params.in_polls(delay);
        if params.miimon != 0 && holds != delay {
            notes.push(Note::Rounded(opt, delay, holds));
        }
    }
    let interval = number(notes, "arp_interval", given.arp_interval, (0, i32::MAX), 0);
    params.arp_interval = interval;
    if params.miimon != 0 && interval != 0 {
        params.arp_interval = 0;
        notes.push(Note::ArpOff(interval));
    }
    for text in given.arp_ip_target.iter().map_while(|text| *text) {
        let Some(target) = value::ip4(text).filter(|t| is_target4(*t)) else {
            notes.push(Note::BadTarget(Quote::text(text)));
            params.arp_interval = 0;
            continue;
        };
        if params.arp_targets.add(target) == Err(TargetError::Present) {
            notes.push(Note::TargetTwice(target));
        }
    }
    if params.arp_interval != 0 && params.arp_targets.is_empty() {
        notes.push(Note::ArpIntervalOff(params.arp_interval));
        params.arp_interval = 0;
    }
    if let Some(validate) = given.arp_validate {
        if params.arp_interval == 0 {
            return Err(Refusal {
                opt: Opt::ArpValidate,
                errno: Errno::Inval,
                value: Quote::text(validate),
                reason: Reason::NoArpInterval,
            });
        }
        params.arp_validate = named(Opt::ArpValidate, Some(validate), ArpValidate::from_number)?;
    }
    params.arp_all_targets = named(
        Opt::ArpAllTargets,
        given.arp_all_targets,
        ArpAllTargets::from_number,
    )?;
    Ok(())
}
