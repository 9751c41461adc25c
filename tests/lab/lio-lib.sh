# For scenarios whose daemon runs in the guest and serves the guest's own kernel (LIO, TCMU). Source it from the scenario's guest function.
# TARGET_* of setup-lib.sh say what the daemon has.
LOOPBACK=naa.5001405000000001
LIO=/sys/kernel/config/target

. "$LAB/setup-lib.sh"
. "$LAB_SCENARIO"
LABDIR=/tmp/daemon TARGET_IMAGE=${TARGET_IMAGE##*/}
TARGET_IMAGE=$LABDIR/$TARGET_IMAGE
. "$LAB_TARGET"
mkdir -p "$LABDIR"

# One disk as LUN 1 of the kernel's own loopback; 'luns' and 'lio_transport' may be redefined.
lio_configuration() {
    printf 'state_directory = "%s/state"\n[transport.loopback]\n%s\n' "$LABDIR" "$TARGET_TRANSPORT"
    printf '[store.disk]\ntype = "file"\npath = "%s"\nsize = "%sMiB"\n%s\n' "$TARGET_IMAGE" "$TARGET_SIZE_MIB" "$TARGET_STORE"
    printf '[unit.disk]\ndevice = "sbc"\nstore = "disk"\n'
    printf '[[target]]\nname = "local"\nloopback.name = "%s"\naccess = { initiators = ["*"] }\nluns = [{ number = 1, unit = "disk" }]\n' "$LOOPBACK"
}

lio_modules() {
    local module
    for module in configfs target_core_mod uio target_core_user tcm_loop sd_mod sg; do modprobe $module 2>/dev/null; done
    mountpoint -q /sys/kernel/config || must mount -t configfs none /sys/kernel/config
}

lio_start() {
    "$LAB_TGTD" --config "$LABDIR/tgt.toml" >>"$LABDIR/target.log" 2>&1 &
    daemon=$!; disown
}
lio_kill() { kill -9 "$daemon"; }
lio_stop() { kill -TERM "$daemon"; wait_for lio_gone; }
lio_gone() { ! kill -0 "$daemon" 2>/dev/null; }
lio_log() { tail -${1:-30} "$LABDIR/target.log"; }

# patiently COMMAND...: the daemon takes its time to start on a slow processor.
patiently() { local i; for i in 1 2 3 4 5; do wait_for "$@" && return; done; return 1; }

# The usual beginning: modules, the daemon, the disk.
lio_disk() {
    lio_modules
    lio_configuration >"$LABDIR/tgt.toml"
    lio_start
    patiently disk_there || { fault 'no disk'; lio_log; finish; }
}

# tgtctl of a daemon whose control socket is in $LABDIR.
control() { "$(dirname "$LAB_TGTD")/tgtctl" --socket "$LABDIR/control.sock" "$@"; }
daemon_answers() { control transport list >/tmp/transports 2>&1; }
# told PATTERN...: whether the list of transports comes to say all of it.
told() { ok wait_for is_told "$@" || { cat /tmp/transports; lio_log 20; }; }
is_told() {
    local pattern
    daemon_answers || return 1
    for pattern in "$@"; do grep -qE -- "$pattern" /tmp/transports || return 1; done
}

# copy_and_compare DEVICE: a file on the file system that is there, read again after a mount.
copy_and_compare() {
    mkdir -p /mnt/d
    must mount "$1" /mnt/d
    ok cp /usr/bin/perl /mnt/d/
    ok umount /mnt/d
    must mount -o ro "$1" /mnt/d
    ok cmp /usr/bin/perl /mnt/d/perl
    ok umount /mnt/d
}

# one_reservation DEVICE IDENTIFIER: the daemon's unit by this device and, over iSCSI in this guest, by another: one persistent reservation holds for both.
# IDENTIFIER stands in the TransportID of the first.
one_reservation() {
    local device=$1 identifier=$2 iscsi
    initiator_up
    ok iscsiadm -m discovery -t st -p 127.0.0.1
    ok iscsiadm -m node -l
    must patiently iscsi_disk
    iscsi=/dev/$(iscsi_disk)
    ok sg_persist -n -o --register --param-sark=0xa "$device"
    ok sg_persist -n -o --reserve --param-rk=0xa --prout-type=1 "$device"
    ok sg_persist -n -i -r "$iscsi"
    says 'Write Exclusive'
    refused try_write "$iscsi"
    ok try_write "$device"
    ok dd if="$iscsi" of=/dev/null bs=4k count=1 iflag=direct
    ok sg_persist -n -o --register --param-sark=0xb "$iscsi"
    ok sg_persist -n -i -s "$iscsi"
    says "$identifier"
    says 'iqn'
    ok sg_persist -n -o --preempt --param-rk=0xb --param-sark=0xa --prout-type=1 "$iscsi"
    refused try_write "$device"
    ok sg_persist -n -o --clear --param-rk=0xb "$iscsi"
    try_write "$device" >/dev/null 2>&1 # takes the unit attention of the preemption
    ok try_write "$device"
    ok iscsiadm -m node -u
}
# Name of the disk over iSCSI; fails while there is none.
iscsi_disk() { ls -d /sys/class/iscsi_session/*/device/target*/*/block/* | grep -om1 '[^/]*$'; }
try_write() { dd if=/dev/zero of="$1" bs=4k count=1 oflag=direct; }

# As in guest-lib.sh, with the daemon's log.
finish() {
    if [ $failures != 0 ]; then echo '--- kernel log (end)'; dmesg | tail -15; echo '--- log of the daemon (end)'; lio_log 40; fi
    exit $((failures != 0))
}
