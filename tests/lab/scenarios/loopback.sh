# shows: our disk as a local device of the kernel, through LIO's loopback: mkfs, compare, fio verify at depth 32, resets under it, resize
# needs: mkfs.ext4 fio sg_inq sg_vpd sg_luns sg_reset sg_turs sg_readcap
# total: 400
LAB_MEMORY=1500M
TARGET_SIZE_MIB=200

setup() { true; }

guest() {
    . "$LAB/lio-lib.sh"
    lio_disk
    ok sg_inq /dev/sda
    says 'TGT|VIRTUAL'
    ok sg_vpd -p di /dev/sda
    ok sg_vpd -p sn /dev/sda
    ok sg_luns /dev/sda
    ok sg_readcap /dev/sda
    ok sg_turs /dev/sda
    must mkfs.ext4 -q -F /dev/sda
    fill_and_compare fsck.ext4 -fn
    load_with_resets
    grow
    ok dd if=/dev/sda of=/dev/null bs=1M count=4 iflag=direct
    if [ $failures != 0 ]; then lio_log; fi
    lio_stop
    must wait_for disk_gone
}

load_with_resets() {
    local load i
    verified_load 25 >/tmp/load.log 2>&1 & load=$!
    for i in 1 2 3 4; do
        must wait_for written $(($(written_sectors) + 2000))
        ok sg_reset --device /dev/sda
    done
    wait $load || { fault 'the load saw an error'; cat /tmp/load.log; }
    ok grep -E 'LunReset by the kernel, of [1-9]' "$LABDIR/target.log"
}

grow() {
    ok tgtmodular_control store resize disk 300MiB
    ok eval 'echo 1 >/sys/block/sda/device/rescan'
    must wait_for grown
    ok dd if=/dev/zero of=/dev/sda bs=1M count=1 seek=299 oflag=direct
}
grown() { [ "$(blockdev --getsize64 /dev/sda)" = $((300 << 20)) ]; }
