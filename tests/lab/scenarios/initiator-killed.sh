# shows: the initiator's machine goes with commands in flight: its session ends within the time limits, nothing of it is left
# needs: fio
# total: 120
TARGET_TRANSPORT='nop_interval = "2s"
nop_count = 2'
# The disk takes its time, so that there are commands in flight at any moment.
TARGET_FAULT='write delay=500ms'

drive() {
    local machine
    target_start || return 126
    boot_guest 1 guest </dev/null & machine=$!
    await_signal loaded
    sleep 1
    await in_flight || return 1
    echo "lab: $(running) commands in flight"
    kill_guest 1 || return 1
    wait $machine
    sessions || return 1
    echo "lab: the machine is gone, $(sessions) session(s)"
    # Two pings 2 s apart after 2 s of silence, and a look at the clock every second.
    await_for 20 no_sessions || return 1
    await_for 5 no_buffers || return 1
    [ "$(running)" = 0 ] || { echo "lab: $(running) commands still count as running"; return 1; }
    tgtmodular_control daemon
}

sessions() { tgtmodular_control session list -o json | grep -c '"initiator"'; true; }
running() { tgtmodular_control stats -o json | sed -n 's/.*"running": *\([0-9]*\).*/\1/p'; }
in_flight() { [ "$(running)" -gt 8 ]; }
no_sessions() { [ "$(sessions)" = 0 ]; }
no_buffers() { tgtmodular_control daemon -o json | grep -q '"leased_buffer_bytes": *0[,}]\?$'; }

guest() {
    connected
    verified_load 60 >/dev/null 2>&1 &
    must wait_for written 2048
    signal loaded
    wait
}
