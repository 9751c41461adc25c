# shows: the target is killed (kill -9) in mid-write and started again: the initiator recovers, the data match
# total: 100
setup() {
    target_start || return 1
    ( await_signal kill; target_kill; : >"$LABDIR/share/killed"; sleep 1.5; target_start && : >"$LABDIR/share/restarted"; wait ) &
}

# Random data from a place that moves by 1 MiB with every pass, so that no pass writes what another has left.
of_pass() { tail -c +$(($1 * 1048576 + 1)) /tmp/random | head -c 41943040; }
# Writes until the target has been killed: the pass that was under way then waits for the new one, and is the last.
write_passes() {
    local pass=0
    while :; do
        echo $pass >/tmp/pass
        of_pass $pass | dd of=/dev/sda bs=64k iflag=fullblock oflag=direct || return 1
        [ ! -e /share/killed ] || return 0
        pass=$(((pass + 1) % 20))
    done
}

guest() {
    local writer
    initiator_up
    must discover
    must login
    must wait_for disk_there
    must dd if=/dev/urandom of=/tmp/random bs=1M count=60
    write_passes 2>/tmp/writer &
    writer=$!
    must wait_for written 8192
    signal kill
    must wait_for test -e /share/killed
    note "target killed after $(written_sectors) sectors, in pass $(cat /tmp/pass)"
    ok kill -0 $writer
    ok wait $writer
    ok wait_for test -e /share/restarted
    of_pass "$(cat /tmp/pass)" >/tmp/last
    ok cmp -n 41943040 /tmp/last /dev/sda
    ok dmesg
    says 'conn error'
    ok logout
}
