# shows: a write is aborted while the disk is late with it: once the abort is answered, nothing of it reaches the medium any more
# needs: sg_raw
# total: 140
TARGET_FAULT='write late=6s offset=1MiB length=4KiB times=1'

# The medium as it is, outside, when the guest is told of the abort, and when the late write is over.
setup() {
    target_start || return 1
    ( await_signal aborted; medium >"$LABDIR/at-abort"; sleep 8; medium >"$LABDIR/later"; : >"$LABDIR/share/looked" ) &
}
medium() { dd if="$TARGET_IMAGE" bs=4k skip=256 count=1 2>/dev/null | md5sum; }
verify() {
    cmp "$LABDIR/at-abort" "$LABDIR/later" && return
    echo 'lab: the aborted write has changed the medium after its abort was answered'; return 1
}

guest() {
    # Without pings the kernel aborts a command at its time limit, and does not ask first whether the connection lives.
    initiator_up 'node.conn[0].timeo.noop_out_interval = 0
node.conn[0].timeo.noop_out_timeout = 0'
    must discover
    must login
    must wait_for disk_there
    must dd if=/dev/urandom of=/tmp/random bs=4k count=1
    # One second. (By /dev/sda it would be seven at least.)
    refused sg_raw -t 1 -s 4096 -i /tmp/random "/dev/$(ls /sys/block/sda/device/scsi_generic)" 2a 00 00 00 08 00 00 00 08 00
    signal aborted
    ok iscsiadm -m session -s
    says 'tmfcmd_pdus: [1-9]'
    ok await_signal looked
    ok dd if=/dev/urandom of=/dev/sda bs=4k seek=256 count=1 oflag=direct
    ok dd if=/dev/sda of=/dev/null bs=1M count=4 iflag=direct
    ok logout
}
