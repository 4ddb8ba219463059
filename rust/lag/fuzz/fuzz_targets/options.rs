// SPDX-License-Identifier: GPL-2.0

#![no_main]

#[allow(dead_code)]
#[path = "../../tests/options/fake.rs"]
mod fake;

use lag::options::{check, Opt, Params, Value};
use libfuzzer_sys::fuzz_target;

// Settings one after the other: an option, the door it comes by, the length of what is said, and
// what is said, as text or as the payload of an attribute.
fuzz_target!(|bytes: &[u8]| {
    let mut params = Params::default();
    let mut rest = bytes;
    while let Some((&[option, door, len], after)) = rest.split_first_chunk() {
        let said = after.get(..usize::from(len)).unwrap_or(after);
        rest = &after[said.len()..];
        let opt = Opt::ALL[usize::from(option) % Opt::ALL.len()];
        let world = match door & 2 {
            0 => fake::idle(),
            _ => fake::busy(),
        };
        let value = match door & 1 {
            0 => Ok(Value::Text(said)),
            _ => Value::from_attr(opt, 2, said),
        };
        let plan = value.and_then(|value| check(&params, &world, &[(opt, value)]));
        match plan {
            Ok(plan) => params = plan.params,
            Err(refusal) => {
                assert_eq!(refusal.opt, opt);
                // It has to fit into an extended acknowledgement, on one line.
                let message = refusal.to_string();
                assert!(message.len() < 80 && !message.contains('\n'), "{message}");
            }
        }
        assert!(params.miimon == 0 || params.arp_interval == 0);
        let text = fake::shown(opt, &params, &world);
        assert!(text.is_empty() || text.ends_with('\n'));
    }
});
