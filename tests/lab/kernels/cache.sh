# The cache of kernels; sourced by the scripts beside it, which define
#   kernel_version   prints the version of the package that the kernel comes from, or nothing if there is no way to know
#   kernel_inputs    prints all else that decides what comes out: configuration, scripts
#   kernel_make DIR  makes it, into the empty directory DIR; progress on standard error
# An entry is NAME-VERSION-HASH. It is made beside its place and renamed into it: what is there is whole.
KERNEL_CACHE=${XDG_CACHE_HOME:-${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}/.cache}/tgtmodular/kernels

say() { printf 'lab: %s\n' "$*" >&2; }
# impossible REASON: this machine cannot.
impossible() { say "$*"; exit 77; }

# kernel_entry NAME: where the kernel is, if it is. Without a known version (no package lists) any version made from these inputs will do.
kernel_entry() {
    local version hash entry
    version=$(kernel_version); hash=$(kernel_inputs | sha256sum | cut -c1-12)
    for entry in "$KERNEL_CACHE/$1-${version:-*}-$hash"; do :; done
    printf '%s' "$entry"
    [ -d "$entry" ]
}

# kernel_ready NAME: prints the directory of the kernel, made if need be. Two at once: the second waits, and takes what the first made.
kernel_ready() {
    local entry building
    if entry=$(kernel_entry "$1"); then touch "$entry" 2>/dev/null; echo "$entry"; return; fi
    [ -n "$(kernel_version)" ] || impossible "no kernel '$1' in $KERNEL_CACHE, and no package to make it from: apt knows none"
    mkdir -p "$KERNEL_CACHE" || exit 126
    exec 7>"$KERNEL_CACHE/.lock-$1" || exit 126
    flock -n 7 || { say "another run is making the kernel '$1'; waiting for it"; flock 7; }
    if ! entry=$(kernel_entry "$1"); then
        # What is left of a build that was killed; nobody else is building: we have the lock.
        rm -rf "$KERNEL_CACHE/.building-$1".*
        building=$(mktemp -d "$KERNEL_CACHE/.building-$1.XXXXXX") || exit 126
        # shellcheck disable=SC2064
        trap "kernel_clean '$building'" EXIT
        trap 'exit 143' TERM INT HUP
        mkdir "$building/kernel"; chmod 755 "$building/kernel"
        kernel_make "$building/kernel" || { status=$?; say "kernel '$1': not made"; exit $status; }
        mv "$building/kernel" "$entry" && touch "$entry" || exit 126
        # Other trees may use other entries; not those of old.
        find "$KERNEL_CACHE" -maxdepth 1 -name "$1-*" -mtime +60 -exec rm -rf {} +
        kernel_clean "$building"; trap - EXIT TERM INT HUP
    fi
    exec 7>&-
    echo "$entry"
}

# kernel_clean DIR: ends what is still at work there, and removes it.
kernel_clean() {
    local jobs; jobs=$(jobs -p)
    # shellcheck disable=SC2086
    [ -z "$jobs" ] || { kill $jobs 2>/dev/null; wait; }
    rm -rf "$1"
}

# want_tools TOOL:PACKAGE...: installs what is missing, as root; otherwise says what it is.
want_tools() {
    local pair missing=()
    for pair in "$@"; do command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}"); done
    [ ${#missing[@]} = 0 ] && return
    [ "$(id -u)" = 0 ] || impossible "missing Debian packages: ${missing[*]} (apt-get install them; not root here)"
    . "$(dirname "${BASH_SOURCE[0]}")/../../lib/packages.sh"
    apt_install "${missing[@]}" >&2
    for pair in "$@"; do command -v "${pair%%:*}" >/dev/null || impossible "no ${pair%%:*} (Debian package ${pair#*:} cannot be installed)"; done
}

# apt_fetch PACKAGE...: downloads into the current directory. Root's apt would rather not write there as root; that warning says nothing.
apt_fetch() { apt-get download "$@" >apt.log 2>&1 || { cat apt.log >&2; return 1; }; }
candidate_of() { command -v apt-cache >/dev/null && LC_ALL=C apt-cache policy "$1" 2>/dev/null | sed -n 's/^  Candidate: \([0-9].*\)/\1/p'; }
