# shows: an initiator with two processors and the kernel's modules: fio with verify=crc32c in four jobs at depth 32 over two sessions, digests on, 30 s
# kernel: qemu
# needs: fio
# total: 400

loaded() { grep -q "^$1 " /proc/modules; }

guest() {
    local load
    initiator_up 'node.conn[0].iscsi.HeaderDigest = CRC32C
node.conn[0].iscsi.DataDigest = CRC32C'
    ok test "$(nproc)" -ge 2
    ok loaded iscsi_tcp
    must discover
    ok node_set node.session.nr_sessions 2
    must login
    must wait_for test -b /dev/sdb
    # Two sessions with one disk, each with the half of it in two jobs of its own.
    JOBS=2 HALF=0% verified_load 30 /dev/sda >/tmp/load 2>&1 & load=$!
    JOBS=2 HALF=50% ok verified_load 30 /dev/sdb
    ok wait $load
    ok logout
}
