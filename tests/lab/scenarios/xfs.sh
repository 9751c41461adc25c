# shows: xfs made, filled, checked and compared
# needs: mkfs.xfs xfs_repair
# total: 100
TARGET_SIZE_MIB=400

guest() {
    connected
    must mkfs.xfs -q -f /dev/sda
    fill_and_compare xfs_repair -n
    ok logout
}
