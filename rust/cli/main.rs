// SPDX-License-Identifier: GPL-2.0

//! The command's process: arguments in, text and an exit status out.

#![forbid(unsafe_code)]

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use cli::args::{Args, Command, Flow};
use cli::flow::{hex, Frame, Mac, Tuple};
use cli::history::follow::{self, Wanted};
use cli::history::Line;
use cli::show::Glyphs;
use cli::state::kernel::Kernel;
use cli::state::{Bond, Source, State, Trouble, KINDS};
use cli::{man, metrics, show, watch, why};

/// Nothing could be looked at.
const TROUBLE: u8 = 2;

fn main() -> ExitCode {
    match run(&Args::parse().command) {
        Ok(code) => code,
        Err(trouble) => {
            eprintln!("rustbond: {trouble}");
            ExitCode::from(TROUBLE)
        }
    }
}

/// Prints; who has read enough (`head`) may go. Returns whether anybody still reads.
fn print(text: &str) -> Result<bool, Trouble> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(e) => Err(Trouble(format!(
            "cannot write what was found: {e}; see where the output goes"
        ))),
    }
}

fn json<T: serde::Serialize>(what: &T) -> Result<(), Trouble> {
    let text = serde_json::to_string_pretty(what)
        .map_err(|e| Trouble(format!("cannot write JSON: {e}")))?;
    print(&(text + "\n")).map(|_| ())
}

/// The bonds, or the one that is asked for.
fn look(kernel: &mut Kernel, name: Option<&str>) -> Result<State, Trouble> {
    let state = kernel.read()?;
    let Some(name) = name else {
        return Ok(state);
    };
    if state.bonds.iter().any(|bond| bond.name == name) {
        return Ok(state.only(name));
    }
    let names: Vec<&str> = state.bonds.iter().map(|b| b.name.as_str()).collect();
    let there = match &names[..] {
        [] => format!("there is no bond at all: ip link add {name} type bond makes one"),
        names => format!("the bonds here: {}", names.join(", ")),
    };
    let slave_of = state.bonds.iter().find(|bond| bond.slave(name).is_some());
    Err(Trouble(match slave_of {
        Some(bond) => format!("{name} is no bond but a slave of {0}: say {0}", bond.name),
        None if std::path::Path::new("/sys/class/net").join(name).exists() => format!(
            "{name} is no bond (its kind is neither {}); {there}",
            KINDS.join(" nor ")
        ),
        None => format!("there is no interface {name}; {there}"),
    }))
}

/// The bond that is asked for.
fn look_for(kernel: &mut Kernel, name: &str) -> Result<Bond, Trouble> {
    let mut state = look(kernel, Some(name))?;
    Ok(state.bonds.remove(0))
}

fn history(
    kernel: &mut Kernel,
    bond: Option<&str>,
    wanted: &Wanted,
    as_json: bool,
) -> Result<(), Trouble> {
    let bond = match bond {
        Some(name) => Some(look_for(kernel, name)?),
        None => None,
    };
    follow::run(kernel, bond.as_ref(), wanted, &mut |lines, names| {
        let lines = lines.iter().map(|line: &Line| match as_json {
            true => line.json(names) + "\n",
            false => line.text(names, bond.is_none()) + "\n",
        });
        print(&lines.collect::<String>())
    })
}

fn which_slave(kernel: &mut Kernel, wanted: &Flow) -> Result<(), Trouble> {
    let bond = look_for(kernel, &wanted.bond)?;
    let mut client = follow::client(Some(&bond))?;
    let index = follow::find(&mut client, &bond)?;
    let frame = match &wanted.frame {
        Some(Frame::Octets(frame)) => frame.clone(),
        Some(Frame::Stdin) => {
            for line in io::stdin().lines() {
                let line = line.map_err(|e| Trouble(format!("cannot read stdin: {e}")))?;
                let frame = hex(&line).map_err(|e| Trouble(format!("'{line}': {e}")))?;
                let answer = client.flow(index, &frame)?;
                let text = match wanted.json {
                    true => serde_json::to_string(&answer.json(&bond.name, &frame))
                        .map_err(|e| Trouble(format!("cannot write JSON: {e}")))?,
                    false => answer.text(&bond.name),
                };
                if !print(&(text + "\n"))? {
                    break;
                }
            }
            return Ok(());
        }
        None => {
            let own = bond.address.as_deref().and_then(|text| text.parse().ok());
            let source = wanted.src_mac.or(own).unwrap_or(Mac([0; 6]));
            let tuple = Tuple::new(
                (wanted.src, wanted.dst),
                Tuple {
                    source_mac: source.0,
                    destination_mac: wanted.dst_mac.map(|mac| mac.0),
                    vlans: wanted.vlan.clone(),
                    addresses: None,
                    protocol: wanted.proto,
                    source_port: wanted.sport,
                    destination_port: wanted.dport,
                },
            );
            tuple.map_err(Trouble)?.frame()
        }
    };
    let answer = client.flow(index, &frame)?;
    match wanted.json {
        true => json(&answer.json(&bond.name, &frame)),
        false => print(&(answer.text(&bond.name) + "\n")).map(|_| ()),
    }
}

fn run(command: &Command) -> Result<ExitCode, Trouble> {
    let mut kernel = Kernel::default();
    match command {
        Command::Show {
            bond,
            json: as_json,
            prometheus,
        } => {
            let state = look(&mut kernel, bond.as_deref())?;
            if *as_json {
                json(&state)?;
            } else if *prometheus {
                print(&metrics::text(&state))?;
            } else if state.bonds.is_empty() {
                print("There are no bonds in this network namespace.\n")?;
            } else {
                print(&show::text(&state, &Glyphs::of_environment()))?;
            }
        }
        Command::Why {
            bond,
            json: as_json,
        } => {
            let state = look(&mut kernel, bond.as_deref())?;
            if state.bonds.is_empty() {
                return Err(Trouble(
                    "there are no bonds in this network namespace: ip link add bond0 type bond \
                     makes one"
                        .into(),
                ));
            }
            let verdicts = why::judge_all(&state);
            if *as_json {
                json(&verdicts)?;
            } else {
                print(&why::text(&state, &verdicts))?;
            }
            if verdicts.iter().any(|verdict| !verdict.findings.is_empty()) {
                return Ok(ExitCode::from(1));
            }
        }
        Command::Watch { bond, interval } => {
            look(&mut kernel, bond.as_deref())?;
            watch::run(kernel, bond.as_deref(), *interval)?;
        }
        Command::History {
            bond,
            follow,
            since,
            json,
        } => {
            let wanted = Wanted {
                follow: *follow,
                since: *since,
            };
            history(&mut kernel, bond.as_deref(), &wanted, *json)?;
        }
        Command::Flow(flow) => which_slave(&mut kernel, flow)?,
        Command::Completions { shell } => {
            let mut out = Vec::new();
            clap_complete::generate(*shell, &mut Args::command(), "rustbond", &mut out);
            print(&String::from_utf8_lossy(&out))?;
        }
        Command::Man => {
            let page = man::page(&Args::command())
                .map_err(|e| Trouble(format!("cannot write the man page: {e}")))?;
            print(&page)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
