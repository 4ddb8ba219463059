// SPDX-License-Identifier: GPL-2.0

//! Parameters of the module: its identity, and the defaults of a new bond.

use compat::{log, params, Identity};
use kernel::{
    str::CStr,
    sync::{Arc, SetOnce},
};
use lag::{
    options::{ModuleDefaults, Note, Opt, Params},
    report::Event,
};
use netdev::{log::Level, prelude::*};

/// A kind of its own, beside the kernel's.
static OWN: Identity = Identity {
    kind: c"rustbond",
    masters: c"rustbond_masters",
    proc: c"rustbond",
    driver: c"rustbond",
    native: false,
};

/// In the place of the kernel's.
static DROP_IN: Identity = Identity {
    kind: c"bond",
    masters: c"bonding_masters",
    proc: c"bonding",
    driver: c"bonding",
    native: true,
};

struct Settings {
    identity: &'static Identity,
    /// Here, not on the heap: nobody drops what is static.
    params: Params,
    max_bonds: u32,
    tx_queues: u32,
}

static SETTINGS: SetOnce<Settings> = SetOnce::new();

/// Defaults on the heap: their way there over the stack ends with this.
#[inline(never)]
fn blank() -> Result<KBox<ModuleDefaults>> {
    Ok(KBox::new(ModuleDefaults::default(), GFP_KERNEL)?)
}

/// Judges the module's parameters, as a whole. The log says why they are no good, and what is
/// odd about them.
#[inline(never)]
pub(crate) fn load() -> Result {
    let given = params::read();
    let identity = if given.drop_in { &DROP_IN } else { &OWN };
    let mut defaults = blank()?;
    defaults.take(&given.bonding).map_err(|refusal| {
        log::report(identity.words(), None, None, &Event::BadParameter(&refusal));
        Error::from_errno(refusal.errno.number())
    })?;
    let words = identity.words();
    let report = |late: bool| {
        for note in defaults.notes.iter().filter(|note| is_late(note) == late) {
            log::report(words, None, None, &Event::Parameter(note, &defaults.params));
        }
    };
    report(false);
    log::report(words, None, None, &Event::Monitoring(&defaults.params));
    report(true);
    keep(identity, &defaults);
    Ok(())
}

#[inline(never)]
fn keep(identity: &'static Identity, defaults: &ModuleDefaults) {
    SETTINGS.populate(Settings {
        identity,
        params: defaults.params.clone(),
        max_bonds: defaults.max_bonds,
        tx_queues: defaults.tx_queues,
    });
}

/// Returns whether native bonding logs the note behind the line about link monitoring.
fn is_late(note: &Note) -> bool {
    matches!(
        note,
        Note::PrimaryIdle(..)
            | Note::Irrelevant(Opt::FailOverMac, _)
            | Note::Reset("lp_interval", ..)
    )
}

/// Returns under which name the module works: its own, or native bonding's.
pub(crate) fn identity() -> &'static Identity {
    SETTINGS.as_ref().map_or(&OWN, |s| s.identity)
}

/// The module whose place we take.
pub(crate) fn rival() -> Option<&'static CStr> {
    identity().native.then_some(c"bonding")
}

/// Returns the parameters of a new bond.
#[inline(never)]
pub(crate) fn defaults() -> Result<Arc<Params>> {
    let params = match SETTINGS.as_ref() {
        Some(settings) => settings.params.clone(),
        None => Params::default(),
    };
    Ok(Arc::new(params, GFP_KERNEL)?)
}

/// Returns the number of bonds that are made when the module is loaded. max_bonds.
pub(crate) fn max_bonds() -> u32 {
    SETTINGS.as_ref().map_or(0, |s| s.max_bonds)
}

/// Returns the number of transmit queues of a bond. tx_queues.
pub(crate) fn tx_queues() -> u32 {
    SETTINGS.as_ref().map_or(1, |s| s.tx_queues)
}

/// Another driver has our link kind.
pub(crate) fn tell_taken() {
    let what = match identity() {
        i if i.native => {
            "the kernel's bonding is loaded: unload it (modprobe -r bonding), or load rustbond \
             without drop_in to have both"
        }
        _ => "another driver has the link kind rustbond",
    };
    netdev::log::line(Level::Error, None, format_args!("{what}"));
}
