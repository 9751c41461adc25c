# shows: the daemon is killed twice under a verified load of the kernel's loopback, and no application sees an error; gone for good, the disk fails and comes back
# needs: fio
# total: 480
LAB_MEMORY=1500M
TARGET_SIZE_MIB=64
TARGET_TRANSPORT='command_timeout = "60s"'

setup() { true; }

guest() {
    local load round
    . "$LAB/lio-lib.sh"
    lio_disk
    verified_load 60 >/tmp/load.log 2>&1 & load=$!
    for round in 1 2; do
        must wait_for written $(($(written_sectors) + 2000))
        note "kill $round"
        lio_kill
        lio_start
        patiently served_again $round || { fault 'not served again'; lio_log; }
    done
    wait $load || { fault 'the load saw an error'; cat /tmp/load.log; }
    gone_for_good
    lio_stop
}
served_again() { [ "$(grep -c 'what was in its ring' "$LABDIR/target.log")" -gt "$1" ]; }

# With a time limit that can be waited for; it counts for what is exported from then on.
gone_for_good() {
    lio_stop
    TARGET_TRANSPORT='command_timeout = "3s"'
    must wait_for disk_gone
    lio_configuration >"$LABDIR/tgt.toml"
    lio_start
    must patiently disk_there
    lio_kill
    refused timeout 60 dd if=/dev/sda of=/dev/null bs=4k count=1 iflag=direct
    says 'error'
    lio_start
    must patiently reads
    ok dd if=/dev/sda of=/dev/null bs=1M count=4 iflag=direct
}
reads() { dd if=/dev/sda of=/dev/null bs=4k count=1 iflag=direct; }
