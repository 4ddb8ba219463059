// SPDX-License-Identifier: GPL-2.0

//! The man page: one for the command and all that it does.

use std::io;

use clap::Command;
use clap_mangen::Man;

use crate::args::{EXIT, RIGHTS};

/// Returns a rendering as text, without the lines that each begins with.
fn rendered(render: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> io::Result<String> {
    let mut out = Vec::new();
    render(&mut out)?;
    let text = String::from_utf8(out).map_err(io::Error::other)?;
    let preamble = |line: &&str| line.starts_with(".ie ") || line.starts_with(".el ");
    Ok(text
        .split_inclusive('\n')
        .filter(|line| !preamble(line))
        .collect())
}

/// The same without its heading.
fn body(render: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> io::Result<String> {
    let text = rendered(render)?;
    Ok(text
        .split_inclusive('\n')
        .filter(|line| !line.starts_with(".SH"))
        .collect())
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('-', "\\-")
}

/// The page in roff.
pub fn page(command: &Command) -> io::Result<String> {
    let mut command = command.clone().disable_help_flag(true);
    command.build();
    let man = Man::new(command.clone()).section("8");
    // An apostrophe that no formatter bends.
    let mut out = String::from(".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n");
    out += &rendered(|out| man.render_title(out))?;
    out += &rendered(|out| man.render_name_section(out))?;
    out += &rendered(|out| man.render_synopsis_section(out))?;
    out += &rendered(|out| man.render_description_section(out))?;
    out += ".SH COMMANDS\n";
    for sub in command.get_subcommands_mut() {
        let usage = sub.render_usage().to_string();
        let usage = usage.trim_start_matches("Usage: ");
        out += &format!(".SS \"{}\"\n", escaped(usage));
        let man = Man::new(sub.clone());
        out += &body(|out| man.render_description_section(out))?;
        out += &body(|out| man.render_options_section(out))?;
    }
    out += &format!(".SH \"EXIT STATUS\"\n{}\n", escaped(EXIT));
    out += &format!(".SH NOTES\n{}\n", escaped(RIGHTS));
    out += ".SH \"SEE ALSO\"\n.BR ip\\-link (8)\n";
    Ok(out)
}
