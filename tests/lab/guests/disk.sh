# Discovery, login, mkfs, copy, fsck, compare, logout. DIGESTS (None or CRC32C) comes from the setup.
initiator_up "node.conn[0].iscsi.HeaderDigest = ${DIGESTS:-None}
node.conn[0].iscsi.DataDigest = ${DIGESTS:-None}"
must discover
says "$PORTAL,[0-9]+ $IQN"
must login
must wait_for disk_there
ok iscsiadm -m session -P 2
says "HeaderDigest: ${DIGESTS:-None}"
says "DataDigest: ${DIGESTS:-None}"
must mkfs.ext4 -q -F /dev/sda
mkdir -p /mnt/d
must mount /dev/sda /mnt/d
ok cp -r /usr/share/doc/coreutils /usr/bin/perl /usr/bin/bash /mnt/d/
ok dd if=/dev/urandom of=/mnt/d/random bs=1M count=40
(cd /mnt/d && find . -type f -exec md5sum {} +) >/tmp/sums
ok umount /mnt/d
must drop_caches
ok fsck.ext4 -fn /dev/sda
must mount -o ro /dev/sda /mnt/d
cd /mnt/d && ok md5sum --quiet -c /tmp/sums; cd /
ok cmp /usr/bin/perl /mnt/d/perl
ok umount /mnt/d
ok logout
ok wait_for disk_gone
finish
