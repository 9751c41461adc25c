# shows: discovery, login, ext4 made, filled, checked and compared, logout
# total: 100
DIGESTS=None

guest() {
    initiator_up "node.conn[0].iscsi.HeaderDigest = $DIGESTS
node.conn[0].iscsi.DataDigest = $DIGESTS"
    must discover
    says "$PORTAL,[0-9]+ $IQN"
    must login
    must wait_for disk_there
    ok iscsiadm -m session -P 2
    says "HeaderDigest: $DIGESTS"
    says "DataDigest: $DIGESTS"
    must mkfs.ext4 -q -F /dev/sda
    fill_and_compare fsck.ext4 -fn
    ok logout
    ok wait_for disk_gone
}
