# shows: btrfs made, filled, checked and compared
# needs: mkfs.btrfs btrfs
# total: 100
TARGET_SIZE_MIB=400

guest() {
    connected
    must mkfs.btrfs -q -f /dev/sda
    fill_and_compare btrfs check
    ok logout
}
