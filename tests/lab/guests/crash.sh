# The target is killed in mid-write and comes back: the initiator recovers and every byte is there.
initiator_up
must discover
must login
must wait_for disk_there
must dd if=/dev/urandom of=/tmp/random bs=1M count=60
dd if=/tmp/random of=/dev/sda bs=64k oflag=direct 2>/tmp/writer &
writer=$!
written() { [ "$(awk '{ print $7 }' /sys/block/sda/stat)" -gt 8192 ]; } # sectors
must wait_for written
signal kill
note "target killed after $(awk '{ print $7 / 2 }' /sys/block/sda/stat) KiB"
ok kill -0 $writer
ok wait $writer
ok wait_for test -e /share/restarted
ok cmp -n 62914560 /tmp/random /dev/sda
ok dmesg
says 'conn error'
ok logout
finish
