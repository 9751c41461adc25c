# shows: our disk as a local device of the kernel, through LIO's loopback: mkfs, copy, compare, fio verify at depth 32, sg3-utils, reset
# needs: mkfs.ext4 fio sg_inq sg_vpd sg_luns sg_reset sg_turs sg_readcap
# total: 240
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
    ok verified_load 8
    ok sg_reset --device /dev/sda
    ok dd if=/dev/sda of=/dev/null bs=1M count=4 iflag=direct
    lio_log
    lio_stop
}
