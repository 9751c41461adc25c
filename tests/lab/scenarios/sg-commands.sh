# shows: the tools of sg3-utils: WRITE SAME, COMPARE AND WRITE, resets, every VPD, mode and log page, without complaint
# needs: sg_write_same sg_compare_and_write sg_reset sg_luns sg_vpd sg_modes sg_logs sginfo sg_opcodes sg_verify sg_sync
# total: 120

guest() {
    local page
    connected
    ok sg_turs /dev/sda
    ok sg_inq /dev/sda
    ok sg_readcap -l /dev/sda
    ok sg_luns /dev/sda
    ok sg_opcodes /dev/sda
    for page in $(vpd_pages); do ok sg_vpd -p "0x$page" /dev/sda; says_not 'illegal|bad|malformed|unexpected'; done
    ok sg_modes -a /dev/sda
    ok sg_logs -a /dev/sda
    says_not 'illegal|malformed'
    ok sginfo -a /dev/sda

    must dd if=/dev/urandom of=/tmp/pattern bs=512 count=1
    ok sg_write_same --16 --lba=4096 --num=1024 -i /tmp/pattern --xferlen=512 /dev/sda
    ok repeat 1024 /tmp/pattern
    ok cmp -n 524288 -i 2097152:0 /dev/sda /tmp/repeated
    ok sg_write_same --10 --lba=8192 --num=64 -i /dev/zero --xferlen=512 /dev/sda
    ok sg_write_same --16 -U --lba=4096 --num=1024 -i /dev/zero --xferlen=512 /dev/sda
    drop_caches
    ok cmp -n 524288 -i 2097152:0 /dev/sda /dev/zero

    must dd if=/dev/sda of=/tmp/compare bs=512 count=1 iflag=direct
    must dd if=/dev/urandom of=/tmp/write bs=512 count=1
    ok eval 'cat /tmp/compare /tmp/write >/tmp/both'
    ok sg_compare_and_write --in=/tmp/both --lba=0 --num=1 /dev/sda
    refused sg_compare_and_write --in=/tmp/both --lba=0 --num=1 /dev/sda
    says 'miscompare'
    drop_caches
    ok cmp -n 512 /dev/sda /tmp/write

    ok sg_verify --lba=0 --count=128 /dev/sda
    ok sg_sync /dev/sda
    ok sg_reset --device /dev/sda
    ok sg_reset --target /dev/sda
    ok dd if=/dev/sda of=/dev/null bs=1M count=4 iflag=direct
    ok logout
}

# Pages listed in page 00h, in hexadecimal.
vpd_pages() { sg_vpd -p sv -r /dev/sda | od -An -v -tx1 -j4; }

# repeat COUNT FILE: a power of two times, into /tmp/repeated.
repeat() {
    local n
    cp "$2" /tmp/repeated
    for ((n = 1; n < $1; n *= 2)); do cp /tmp/repeated /tmp/half && cat /tmp/half >>/tmp/repeated || return 1; done
}
