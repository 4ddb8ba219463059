# SPDX-License-Identifier: GPL-2.0
#
# Makes of the compiler's own target x86_64-unknown-none the kernel's, which is linked to no program;
# with the thunks that the kernel has against speculation. How a target is written depends on the
# compiler, so it is the compiler's that is changed and not one written here.

/^  "(code-model|cpu|crt-objects-fallback|linker|linker-flavor|is-builtin|plt-by-default|position-independent-executables|relro-level|static-position-independent-executables)":/ { next }
/^  "metadata": \{/ { skip = 1 }
/^  "stack-probes": \{/ { skip = 1; print "  \"stack-probes\": { \"kind\": \"none\" }," }
skip { if (/^  \}/) skip = 0; next }
/^  "features":/ {
	more = ""
	if (retpoline == "y")
		more = more ",+retpoline-external-thunk,+retpoline-indirect-branches,+retpoline-indirect-calls"
	if (sls == "y")
		more = more ",+harden-sls-ijmp,+harden-sls-ret"
	sub(/",?$/, more "&")
}
/^  "llvm-target":/ { print "  \"llvm-target\": \"x86_64-linux-gnu\","; next }
/^\{/ { print; print "  \"emit-debug-gdb-scripts\": false,\n  \"frame-pointer\": \"may-omit\","; next }
{ print }
