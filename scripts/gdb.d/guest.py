# SPDX-License-Identifier: GPL-2.0
#
# For scripts/gdb: attaches to the guest, and adds the symbols of our module as it is loaded. Before this is read,
# `module` is the file of the module and `socket` that of the guest.

import gdb

NAME = "rustbond"
# Sections that symbols stand in, besides .text.
DATA = (".data", ".data..read_mostly", ".bss", ".rodata", ".init.text", ".exit.text")


def sections(mod):
    """Where the kernel has put the sections of a module, by their names."""
    attrs = mod["sect_attrs"].dereference()
    found = {}
    listed = attrs["grp"]["bin_attrs"]
    while listed.dereference():
        attr = listed.dereference().dereference()
        address = attr["private"]
        if not address:
            # Before 6.14 a structure of their own has the address, behind the attribute.
            own = listed.dereference().cast(gdb.lookup_type("struct module_sect_attr").pointer())
            address = own["address"]
        found[attr["attr"]["name"].string()] = int(address)
        listed += 1
    return found


class Loaded(gdb.Breakpoint):
    """Where the kernel has put a module in its place and is about to call its init."""

    def __init__(self):
        super().__init__("*do_init_module", internal=True)
        self.silent = True
        self.at = None

    def stop(self):
        mod = gdb.parse_and_eval("$rdi").cast(gdb.lookup_type("struct module").pointer()).dereference()
        if mod["name"].string() != NAME:
            return False
        places = sections(mod)
        text = places.pop(".text")
        if self.at is not None:
            gdb.execute(f"remove-symbol-file -a {self.at:#x}", to_string=True)
        others = " ".join(f"-s {name} {places[name]:#x}" for name in DATA if name in places)
        gdb.execute(f"add-symbol-file {module} {text:#x} {others}", to_string=True)
        self.at = text
        gdb.write(f"{NAME} is loaded at {text:#x}\n")
        return False


# A breakpoint in the module is one for when it is there.
gdb.execute("set breakpoint pending on")
gdb.execute("set architecture i386:x86-64", to_string=True)
gdb.execute(f"target remote {socket}", to_string=True)
if module:
    Loaded()
gdb.write("The guest waits at its first instruction: set breakpoints, then 'continue'.\n")
