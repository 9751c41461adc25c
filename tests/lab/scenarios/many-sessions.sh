# shows: 32 sessions of one initiator with one target, all with I/O, all gone after logout
# total: 200
SESSIONS=32

setup() {
    target_start || return 1
    ( await_signal count; sessions >"$LABDIR/share/counted.new"; mv "$LABDIR/share/counted.new" "$LABDIR/share/counted" ) &
}

sessions() { tgtmodular_control session list -o json | grep -c '"initiator"'; }
verify() { [ "$(sessions)" = 0 ] || { echo "lab: $(sessions) sessions are left"; return 1; }; }

all_there() { [ "$(ls -d /sys/class/scsi_disk/* | wc -l)" = $SESSIONS ]; }

guest() {
    local disk pids=()
    initiator_up
    must discover
    ok node_set node.session.nr_sessions $SESSIONS
    must login
    must wait_for all_there
    signal count
    must await_signal counted
    ok test "$(cat /share/counted)" = $SESSIONS
    for disk in /sys/class/scsi_disk/*/device/block/*; do
        dd if="/dev/$(basename "$disk")" of=/dev/null bs=256k count=16 iflag=direct 2>/dev/null & pids+=($!)
    done
    for disk in "${pids[@]}"; do wait "$disk" || fault 'a session cannot read'; done
    note "$SESSIONS sessions have read"
    ok logout
}
