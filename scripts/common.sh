# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# What every script here shares: where things are, and how to speak. To be sourced.

set -euo pipefail
shopt -s inherit_errexit

PROJECT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
export XDG_CACHE_HOME=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}
CACHE=$XDG_CACHE_HOME/rustbond
SELF=scripts/$(basename "$0")
# A file that only our root folder has: how a script knows that it runs inside.
INSIDE=/etc/rustbond-sysroot

say() { printf '%s\n' "$*" >&2; }

# die TEXT... : one line that says what is wrong and what to do next, then the end.
die() {
	say "$SELF: $*"
	exit 1
}

inside() { [[ -e $INSIDE ]]; }

# seconds_since EPOCHREALTIME : whole seconds gone by since then.
seconds_since() { echo $(( ${EPOCHREALTIME%[.,]*} - ${1%[.,]*} )); }

# hash_of : the first 12 digits of the hash of what stands on stdin.
hash_of() { sha256sum | cut -c1-12; }

# as_root [exec] CMD... : runs it as root, through sudo if need be; with exec, in our place.
as_root() {
	local exec=()
	if [[ $1 == exec ]]; then
		exec=(exec)
		shift
	fi
	if ((EUID == 0)); then
		"${exec[@]}" "$@"
	elif ! command -v sudo >/dev/null; then
		die "this needs root: run it as root, or install sudo"
	elif ! sudo -n true 2>/dev/null && ! [[ -t 0 ]]; then
		die "this needs root, and sudo asks for a password without a terminal to ask on: run 'sudo -v' first, or run it as root"
	else
		"${exec[@]}" sudo -- "$@"
	fi
}

# suite_of KERNEL : the Debian suite that the kernel of that name is from.
suite_of() { [[ ${1:-} == sid* ]] && echo sid || echo trixie; }

# need_space DIR MIB : ends the script if the disk that holds DIR has less.
need_space() {
	local free
	free=$(df -Pm -- "$1" | awk 'NR == 2 { print $4 }')
	((free >= $2)) ||
		die "$1 has $free MiB free, and $2 are needed: make room, or set XDG_CACHE_HOME to a folder on another disk"
}

# interruptible : an interrupt ends what runs in the background, too, which does not hear of it.
interruptible() { trap 'trap - TERM; kill -TERM 0' INT; }
