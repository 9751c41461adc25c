# shows: the sample of a zoned disk under Linux: sd, blkzone, writes at and beside the write pointer, btrfs in zones, the target killed and started again
# kernel: qemu
# needs: blkzone mkfs.btrfs btrfs
# total: 400
# A scenario for tests/outsider zoned: STORY_ZONED is a folder with the plugin, as dotnet publish has laid it out.
ZONE=32768 # sectors: 16 MiB
ZONES=63   # and a part of one, where the state is

setup() {
    mkdir "$LABDIR/plugins" && cp -r "$STORY_ZONED" "$LABDIR/plugins/device-zoned" && target_start || return 1
    ( await_signal kill; target_kill; : >"$LABDIR/share/killed"; target_start && : >"$LABDIR/share/restarted"; wait ) &
}
tgtmodular_configuration() {
    printf 'plugin_directories = ["%s"]\n' "$LABDIR/plugins"
    toml_head
    printf '[store.shingles]\ntype = "file"\npath = "%s"\nsize = "1GiB"\n' "$TARGET_IMAGE"
    printf '[unit.shingles]\ndevice = "zoned"\nstore = "shingles"\nzone_size = "16MiB"\nmax_open = 8\n'
    toml_target '{ number = 1, unit = "shingles" }'
}

# zone NUMBER: its line of the report.
zone() { blkzone report -o $(($1 * ZONE)) -c 1 /dev/sda; }
manage() { blkzone "$1" -o $(($2 * ZONE)) -c "${3:-1}" /dev/sda; }
# fill ZONE BLOCK COUNT: writes so many 64 KiB from there on, past the page cache.
fill() { dd if=/tmp/random of=/dev/sda bs=64k seek=$(($1 * ZONE / 128 + $2)) count="$3" oflag=direct conv=notrunc; }
intact() { cd /mnt/d && ok md5sum --quiet -c /tmp/sums; cd /; }

guest() {
    connected
    ok grep -x host-managed /sys/block/sda/queue/zoned
    ok grep -x $ZONES /sys/block/sda/queue/nr_zones
    must dd if=/dev/urandom of=/tmp/random bs=64k count=256
    commands
    filesystem
    ok logout
}

commands() {
    ok zone 2
    says 'zcond: 1\(em\)'
    ok fill 2 0 16
    ok zone 2
    says 'wptr 0x000800 .*zcond: 2\(oi\)'
    ok cmp -n 1048576 /tmp/random <(dd if=/dev/sda bs=64k skip=$((2 * ZONE / 128)) count=16 iflag=direct 2>/dev/null)
    refused fill 2 20 1 # a hole in front of it
    refused fill 2 8 1  # written already
    ok dmesg
    says 'unaligned write command'
    ok manage close 2
    ok zone 2
    says 'zcond: 4\(cl\)'
    ok manage open 3
    ok zone 3
    says 'zcond: 3\(oe\)'
    ok manage finish 2
    ok zone 2
    says 'zcond:14\(fu\)'
    refused fill 2 16 1
    ok fill 4 0 256 # all of it
    ok zone 4
    says 'zcond:14\(fu\)'
    ok manage reset 0 $ZONES
    ok blkzone report /dev/sda
    says_not 'zcond:( [2-4]|14)'
}

filesystem() {
    modprobe btrfs
    must mkfs.btrfs -q -f -O zoned -d single -m single /dev/sda
    mkdir -p /mnt/d
    must mount /dev/sda /mnt/d
    ok cp -r /usr/share/doc/coreutils /usr/bin/perl /usr/bin/bash /tmp/random /mnt/d/
    (cd /mnt/d && find . -type f -exec md5sum {} +) >/tmp/sums
    ok sync -f /mnt/d
    signal kill
    must await_signal killed
    must await_signal restarted
    must drop_caches
    intact
    ok cp /usr/bin/perl /mnt/d/after # at the write pointers that were saved
    ok sync -f /mnt/d
    ok umount /mnt/d
    must drop_caches
    ok btrfs check /dev/sda
    must mount /dev/sda /mnt/d
    intact
    ok cmp /usr/bin/perl /mnt/d/after
    ok umount /mnt/d
}
