# shows: bits are turned over on the way to the target, TCP does not notice: the data digest does, and what is on the disk is right
# total: 200
TARGET_LISTEN=10.9.1.1:3261

setup() {
    target_start || return 1
    "$LAB_LOAD" relay "$PORTAL" "$TARGET_LISTEN" >"$LABDIR/cable.log" 2>&1 & disown
    await portal_open "$PORTAL"
}
verify() {
    local flips
    flips=$(grep -c 'turned over' "$LABDIR/cable.log")
    echo "lab: $flips bits were turned over"
    [ "$flips" -gt 3 ]
}

guest() {
    # No immediate data: of a command that is not taken, the initiator would only learn by its time limit.
    initiator_up 'node.conn[0].iscsi.HeaderDigest = CRC32C
node.conn[0].iscsi.DataDigest = CRC32C
node.session.iscsi.InitialR2T = Yes
node.session.iscsi.ImmediateData = No'
    # Discovery would name the target's own portal.
    must iscsiadm -m node -T "$IQN" -p "$PORTAL" -o new
    must login
    must wait_for disk_there
    must dd if=/dev/urandom of=/tmp/random bs=1M count=60
    ok dd if=/tmp/random of=/dev/sda bs=256k oflag=direct
    must drop_caches
    ok cmp -n 62914560 /tmp/random /dev/sda
    ok logout
}
