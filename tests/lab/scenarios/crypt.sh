# shows: what the filter crypt has written, the kernel's own dm-crypt reads with the same key, and the other way round
# needs: dmsetup losetup
# total: 120
TARGET_SIZE_MIB=16

tgtmodular_configuration() {
    (umask 077; head -c 64 /dev/urandom >"$LABDIR/key")
    od -An -v -tx1 "$LABDIR/key" | tr -d ' \n' >"$LABDIR/share/key"
    toml_head
    printf '[store.disk]\ntype = "file"\npath = "%s"\nsize = "%sMiB"\n' "$TARGET_IMAGE" "$TARGET_SIZE_MIB"
    printf '[store.secret]\ntype = "crypt"\nover = ["disk"]\nkey_file = "%s"\n' "$LABDIR/key"
    printf '[unit.disk]\ndevice = "sbc"\nstore = "secret"\n'
    toml_target '{ number = 1, unit = "disk" }'
}

setup() {
    target_start || return 1
    # The file itself goes into the guest, and comes back from it.
    ( await_signal written; cp "$TARGET_IMAGE" "$LABDIR/share/image"; : >"$LABDIR/share/copied"
      await_signal changed; dd if="$LABDIR/share/image" of="$TARGET_IMAGE" bs=1M conv=notrunc 2>/dev/null; : >"$LABDIR/share/back" ) &
}

guest() {
    local sectors=$((TARGET_SIZE_MIB * 2048))
    modprobe loop; modprobe dm-crypt; modprobe xts
    connected
    must dd if=/dev/urandom of=/tmp/data bs=1M count="$TARGET_SIZE_MIB"
    must dd if=/tmp/data of=/dev/sda bs=64k oflag=direct
    ok sync
    signal written; await_signal copied
    refused cmp -s -n 4096 /tmp/data /share/image
    must cp /share/image /tmp/image
    must losetup /dev/loop0 /tmp/image
    must dmsetup create plain --table "0 $sectors crypt aes-xts-plain64 $(cat /share/key) 0 /dev/loop0 0"
    must dmsetup mknodes # there is no udev here
    must [ -b /dev/mapper/plain ]
    ok cmp /dev/mapper/plain /tmp/data
    must dd if=/dev/urandom of=/tmp/data bs=1M count=1 seek=3 conv=notrunc
    must dd if=/tmp/data of=/dev/mapper/plain bs=1M conv=fsync
    ok dmsetup remove plain
    ok losetup -d /dev/loop0
    must cp /tmp/image /share/image
    ok sync
    signal changed; await_signal back
    ok blockdev --flushbufs /dev/sda
    ok cmp /dev/sda /tmp/data
    ok logout
}
