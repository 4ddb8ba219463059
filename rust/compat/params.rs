// SPDX-License-Identifier: GPL-2.0

//! The module's parameters, as they were given.

use core::ffi::CStr;

use cbindings as c;
use kernel::ffi;
use lag::options::ModuleParams;

/// The module's parameters.
pub struct Given {
    /// drop_in: it takes the place of native bonding.
    pub drop_in: bool,
    /// Those that native bonding has as well.
    pub bonding: ModuleParams<'static>,
}

/// Reads the parameters.
pub fn read() -> Given {
    // SAFETY: The loader has written the structure before the module's code runs, and only
    // integers of it can change later, one at a time.
    let raw = unsafe { (&raw const c::rb_params).read_volatile() };
    let default_bonds = i32::from(raw.drop_in);
    Given {
        drop_in: raw.drop_in,
        bonding: ModuleParams {
            max_bonds: match raw.max_bonds {
                NOT_GIVEN => default_bonds,
                given => given,
            },
            default_bonds,
            tx_queues: raw.tx_queues,
            num_peer_notif: raw.num_peer_notif,
            miimon: raw.miimon,
            updelay: raw.updelay,
            downdelay: raw.downdelay,
            use_carrier: raw.use_carrier,
            mode: text(raw.mode),
            primary: text(raw.primary),
            primary_reselect: text(raw.primary_reselect),
            lacp_rate: text(raw.lacp_rate),
            ad_select: text(raw.ad_select),
            min_links: raw.min_links,
            xmit_hash_policy: text(raw.xmit_hash_policy),
            arp_interval: raw.arp_interval,
            arp_ip_target: raw.arp_ip_target.map(text),
            arp_validate: text(raw.arp_validate),
            arp_all_targets: text(raw.arp_all_targets),
            fail_over_mac: text(raw.fail_over_mac),
            all_slaves_active: raw.all_slaves_active,
            resend_igmp: raw.resend_igmp,
            packets_per_slave: raw.packets_per_slave,
            lp_interval: raw.lp_interval,
        },
    }
}

/// RB_VERSION: the module's version, which is its `MODULE_VERSION`, too.
pub const VERSION: &str = match CStr::from_bytes_with_nul(c::RB_VERSION) {
    Ok(text) => match text.to_str() {
        Ok(text) => text,
        Err(_) => panic!("RB_VERSION is no UTF-8"),
    },
    Err(_) => panic!("RB_VERSION is no C string"),
};

/// RB_NOT_GIVEN.
const NOT_GIVEN: i32 = i32::MIN;

/// A text that the loader has kept a copy of, for as long as the module is there.
fn text(at: *mut ffi::c_char) -> Option<&'static [u8]> {
    // SAFETY: Null, or a C string that nobody changes: no text can be written after loading.
    (!at.is_null()).then(|| unsafe { CStr::from_ptr(at.cast()) }.to_bytes())
}
