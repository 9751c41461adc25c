# shows: the initiator's machine goes with commands in flight: its session ends within the time limits, nothing of it is left
# needs: fio
# total: 120
TARGET_TRANSPORT='nop_interval = "2s"
nop_count = 2'

drive() {
    local machine
    target_start || return 126
    boot_guest 1 guest </dev/null & machine=$!
    await_signal loaded
    sleep 1
    kill_guest 1 || return 1
    wait $machine
    sessions || return 1
    echo "lab: the machine is gone, $(sessions) session(s)"
    # Two pings 2 s apart after 2 s of silence, and a look at the clock every second.
    await_for 20 no_sessions || return 1
    await_for 5 no_buffers || return 1
    tgtmodular_control daemon
}

sessions() { tgtmodular_control session list -o json | grep -c '"initiator"'; true; }
no_sessions() { [ "$(sessions)" = 0 ]; }
no_buffers() { tgtmodular_control daemon -o json | grep -q '"leased_buffer_bytes": *0[,}]\?$'; }

guest() {
    connected
    verified_load 60 >/dev/null 2>&1 &
    must wait_for written 2048
    signal loaded
    wait
}
