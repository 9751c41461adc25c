# shows: fio with verify=crc32c at depth 32, mixed block sizes, 30 s, digests on
# needs: fio
# total: 240

guest() {
    initiator_up 'node.conn[0].iscsi.HeaderDigest = CRC32C
node.conn[0].iscsi.DataDigest = CRC32C'
    must discover
    must login
    must wait_for disk_there
    ok verified_load 30
    ok logout
}
