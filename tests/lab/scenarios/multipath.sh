# shows: dm-multipath over two portals, one cut off under fio: no error to the application
# needs: fio dmsetup
# total: 240
PATHS=2

setup() {
    target_start || return 1
    ( await_signal cut; ip link set labtap2 down; : >"$LABDIR/share/cut-done" ) &
}

path_failed() { dmsetup status paths | grep -q ' F '; }

guest() {
    local load
    initiator_up 'node.session.timeo.replacement_timeout = 3
node.conn[0].timeo.noop_out_interval = 2
node.conn[0].timeo.noop_out_timeout = 2'
    modprobe dm-multipath; modprobe dm-round-robin
    must discover
    says '10.9.2.1:3260'
    must login
    must wait_for disk_there
    must iscsiadm -m node -T "$IQN" -p 10.9.2.1:3260 -l
    must wait_for test -b /dev/sdb
    must dmsetup create --noudevsync paths --table "0 $(blockdev --getsz /dev/sda) multipath 1 queue_if_no_path 0 2 1 \
        round-robin 0 1 1 $(cat /sys/block/sda/dev) 1 round-robin 0 1 1 $(cat /sys/block/sdb/dev) 1"
    must dmsetup mknodes
    # The second path carries the load, and goes.
    ok dmsetup message paths 0 switch_group 2
    verified_load 25 /dev/mapper/paths >/tmp/load 2>&1 &
    load=$!
    must wait_for written 2048 sdb
    signal cut
    ok await_signal cut-done
    ok wait $load
    ok path_failed
    ok dmsetup status paths
    must wait_for dmsetup remove --noudevsync paths
    ok logout
}
