# Debian packages that tests drive the target with. Sourced by tests/run.

# package:what needs it
debian_packages=$(cat <<'LIST'
tgt:comparison with the C target
libiscsi-bin:iscsi-ls, iscsi-inq, iscsi-readcapacity16, iscsi-test-cu
qemu-utils:qemu-img and qemu-io
qemu-block-extra:the iscsi driver of qemu-img
socat:a plugin's Unix socket
open-iscsi:initiator of the kernel lab
user-mode-linux:kernel of the kernel lab
qemu-system-x86:kernel lab with two processors
gcc:building the kernel lab's own kernel
make:likewise
flex:likewise
bison:likewise
bc:likewise
xz-utils:likewise
patch:seeded faults of the kernel lab
sg3-utils:SCSI commands in the kernel lab
lsscsi:kernel lab
fio:verified load in the kernel lab
xfsprogs:kernel lab
btrfs-progs:kernel lab
dmsetup:multipath in the kernel lab
tcpdump:captures in the kernel lab
tcmu-runner:comparison of the kernel's rings in the kernel lab
dbus-daemon:tcmu-runner
busybox-static:kernel lab
kmod:kernel lab
e2fsprogs:file system checks in the kernel lab
iproute2:network of the kernel lab
util-linux:name spaces of the kernel lab
LIST
)

missing_packages() {
    local line package
    for line in $(printf '%s' "$debian_packages" | cut -d: -f1); do
        package=$line
        [ "$(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null | cut -c1-2)" = ii ] || printf '%s ' "$package"
    done
}

# Never fatal: without a package its tests are skipped and say so.
install_packages() {
    local missing
    command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || { echo 'not Debian: tests that need its packages will be skipped'; return 0; }
    missing=$(missing_packages)
    [ -z "$missing" ] && return 0
    if [ "$(id -u)" != 0 ]; then
        echo "missing Debian packages (not root, not installed; tests that need them will be skipped): $missing"
        return 0
    fi
    step "apt-get install $missing"
    # shellcheck disable=SC2086
    apt_install $missing
    missing=$(missing_packages)
    [ -n "$missing" ] && echo "not installed (tests that need them will be skipped): $missing"
    return 0
}

# apt_install PACKAGE...: as root.
apt_install() {
    local policy=/usr/sbin/policy-rc.d
    # The tgt and open-iscsi packages start services; a test run must not.
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
    else
        policy=''
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q 2>&1 | tail -2
    if ! timeout 900 apt-get install -y -q --no-install-recommends "$@" 2>&1 | grep -E '^(Setting up|E:|W:)'; then
        echo 'apt-get install failed'
    fi
    [ -n "$policy" ] && rm -f "$policy"
    return 0
}
