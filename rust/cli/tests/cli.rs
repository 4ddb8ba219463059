// SPDX-License-Identifier: GPL-2.0

//! The core of the command over recorded states.
//!
//! `states/KIND-NAME.json` is what `rustbond show --json` printed in a guest, in the situation of that
//! name; selftests/tools/test_why.sh records them. `KIND-lacp` and `KIND-sound` are bonds with which
//! nothing is wrong.

mod changes;
mod facts;
mod flow;
mod history;
mod made;
mod output;
mod reading;
mod rules;

use std::fs;

use cli::state::{Bond, State};

const KINDS: [&str; 2] = ["bond", "rustbond"];

fn load(name: &str) -> State {
    let path = format!("{}/tests/states/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// The only bond of a recorded state.
fn bond(name: &str) -> Bond {
    let mut state = load(name);
    assert_eq!(state.bonds.len(), 1, "{name}");
    state.bonds.remove(0)
}

/// The names of all recorded states.
fn all() -> Vec<String> {
    let folder = format!("{}/tests/states", env!("CARGO_MANIFEST_DIR"));
    let files = fs::read_dir(folder).expect("there are recorded states");
    let mut names: Vec<String> = files
        .map(|file| file.expect("it can be listed").file_name())
        .filter_map(|name| Some(name.to_str()?.strip_suffix(".json")?.to_string()))
        .collect();
    names.sort();
    assert!(names.len() >= 2 * 20, "there are {} only", names.len());
    names
}
