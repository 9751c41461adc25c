# shows: sg_unmap, blkdiscard and fstrim give space back: the file really shrinks
# needs: sg_unmap sg_get_lba_status blkdiscard fstrim
# total: 120

setup() {
    target_start || return 1
    ( for n in 1 2 3 4 5 6; do await_signal "measure-$n"; stat -c %b "$TARGET_IMAGE" >"$LABDIR/share/blocks-$n.new"; mv "$LABDIR/share/blocks-$n.new" "$LABDIR/share/blocks-$n"; done ) &
}

# blocks N: 512-byte blocks that the file has allocated, measured outside.
blocks() { signal "measure-$1"; await_signal "blocks-$1"; cat "/share/blocks-$1"; }

# shrunk BEFORE AFTER KIB: at least so many KiB are gone.
shrunk() { [ $(($1 - $2)) -ge $(($3 * 2)) ]; }

guest() {
    local full
    connected
    note "provisioning: $(cat /sys/block/sda/device/scsi_disk/*/provisioning_mode)"
    must dd if=/dev/urandom of=/dev/sda bs=1M count=64 oflag=direct
    ok sync
    full=$(blocks 1)
    ok sg_unmap --force --lba=2048 --num=32768 /dev/sda
    ok shrunk "$full" "$(blocks 2)" 16000
    ok sg_get_lba_status --lba=2048 /dev/sda
    says 'deallocated|unmapped'
    ok cmp -n 16777216 -i 1048576:0 /dev/sda /dev/zero
    full=$(blocks 3)
    ok blkdiscard /dev/sda
    ok shrunk "$full" "$(blocks 4)" 40000
    must mkfs.ext4 -q -F /dev/sda
    mkdir -p /mnt/d
    must mount /dev/sda /mnt/d
    ok dd if=/dev/urandom of=/mnt/d/random bs=1M count=80
    ok sync
    full=$(blocks 5)
    ok rm /mnt/d/random
    ok sync
    ok fstrim -v /mnt/d
    ok shrunk "$full" "$(blocks 6)" 78000
    ok umount /mnt/d
    ok fsck.ext4 -fn /dev/sda
    ok logout
}
