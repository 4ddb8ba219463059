// SPDX-License-Identifier: GPL-2.0

//! Options through every door: the table, the check of a request, and how values are printed.

#[path = "options/fake.rs"]
mod fake;
#[path = "options/lists.rs"]
mod lists;
#[path = "options/made.rs"]
mod made;
#[path = "options/module.rs"]
mod module;
#[path = "options/properties.rs"]
mod properties;
#[path = "options/requests.rs"]
mod requests;
#[path = "options/show.rs"]
mod show;
#[path = "options/table.rs"]
mod table;
