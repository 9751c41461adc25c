# shows: a LUN added, grown and removed while logged in: unit attentions 3F/0E and 2A/09, rescan
# needs: sg_turs
# total: 120

setup() {
    target_start || return 1
    ( await_signal add
      tgtmodular_control store add second --type memory --option size=32MiB && tgtmodular_control unit add second --device sbc --store second &&
          tgtmodular_control lun add "$IQN" 2 second && : >"$LABDIR/share/added"
      await_signal grow
      tgtmodular_control store resize disk 300MiB && : >"$LABDIR/share/grown"
      await_signal remove
      tgtmodular_control lun remove "$IQN" 2 && : >"$LABDIR/share/removed" ) &
}

told() { refused sg_turs -v "$1"; says "$2"; }

guest() {
    connected
    ok sg_turs /dev/sda
    signal add
    ok await_signal added
    told /dev/sda 'reported luns data has changed'
    ok sg_turs /dev/sda
    ok iscsiadm -m session --rescan
    must wait_for test -b /dev/sdb
    ok dd if=/dev/urandom of=/dev/sdb bs=1M count=4 oflag=direct
    signal grow
    ok await_signal grown
    told /dev/sda 'capacity data has changed'
    echo 1 >/sys/block/sda/device/rescan
    ok test "$(blockdev --getsize64 /dev/sda)" = $((300 << 20))
    ok dd if=/dev/urandom of=/dev/sda bs=1M seek=299 count=1 oflag=direct
    signal remove
    ok await_signal removed
    told /dev/sda 'reported luns data has changed'
    refused dd if=/dev/sdb of=/dev/null bs=4k count=1 iflag=direct
    echo 1 >/sys/block/sdb/device/delete
    ok iscsiadm -m session --rescan
    ok test ! -e /dev/sdb
    ok dd if=/dev/sda of=/dev/null bs=1M count=4 iflag=direct
    ok logout
}
