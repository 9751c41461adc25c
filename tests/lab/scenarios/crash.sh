# shows: the target is killed (kill -9) in mid-write and started again: the initiator recovers, the data match
# total: 100
setup() {
    target_start || return 1
    ( await_signal kill; target_kill; sleep 1.5; target_start && : >"$LABDIR/share/restarted"; wait ) &
}

guest() {
    local writer
    initiator_up
    must discover
    must login
    must wait_for disk_there
    must dd if=/dev/urandom of=/tmp/random bs=1M count=60
    dd if=/tmp/random of=/dev/sda bs=64k oflag=direct 2>/tmp/writer &
    writer=$!
    must wait_for written 8192
    signal kill
    note "target killed after $(written_sectors) sectors"
    ok kill -0 $writer
    ok wait $writer
    ok wait_for test -e /share/restarted
    ok cmp -n 62914560 /tmp/random /dev/sda
    ok dmesg
    says 'conn error'
    ok logout
}
