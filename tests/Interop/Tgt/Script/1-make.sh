Y show
Y stat
T show
P show
K show
A show
T new --tid 1 -T iqn.2026-11.org.example:one
T new --tid 1 -T iqn.2026-11.org.example:other
T new --tid 0 -T iqn.2026-11.org.example:zero
T new --tid 9
T new --tid 9 -T "with space"
T new --tid 2 -T iqn.2026-11.org.example:two
tgtadm --mode target --op new --tid 70000 -T iqn.2026-11.org.example:big
T show
tgtadm --mode target --op show
tgtadm --lld none --mode target --op show
tgtadm --lld none --mode target --op new --tid 5 -T iqn.2026-11.org.example:five
T show --tid 1
T show --tid 99
T delete --tid 99
tgtadm --lld none --mode target --op delete --tid 1
T delete --tid 70000
T start --tid 1
L new --tid 1 --lun 1 -b $D/d1
L new --tid 1 --lun 1 -b $D/d2
L new --tid 1 --lun 0 -b $D/d2
L new --tid 99 --lun 1 -b $D/d2
L new --tid 1 --lun 2 -b $D/none
L new --tid 1 --lun 2 -b $D
L new --tid 1 --lun 2 -b $D/d2 -E nosuch
L new --tid 1 --lun 2 -b $D/d2 -E aio -f sync
L new --tid 1 --lun 2 -b $D/d2 -E rdwr -f nosuch
L new --tid 1 --lun 2 -b $D/d2 -E rdwr -f sync
L new --tid 1 --lun 3 -b $D/d3 --bstype aio
L new --tid 1 --lun 4 -b none -E null --blocksize 4096
L new --tid 1 --lun 5 -b $D/d4 -Y pt
L new --tid 2 --lun 1 -b $D/d1
L new --tid 2 --lun 16383 -b $D/d4 --blocksize 4096
L new --tid 2 --lun 7 -b $D/d3 -f direct --blocksize 4096
L new --tid 2 --lun 8 -b $D/d3 -f direct:sync --blocksize 4096
# Other names of a file that is served already: a link, a hard link, a way around.
ln -sf $D/d3 $D/link
ln -f $D/d3 $D/hard
L new --tid 2 --lun 9 -b $D/link
L new --tid 2 --lun 10 -b $D/hard
L new --tid 2 --lun 11 -b $D/./d3
L show
L bind --tid 1 --lun 1
L stat --tid 1 --lun 1
L stat --tid 1 --lun 99
L stat --tid 1
L delete --tid 1 --lun 99
L delete --tid 99 --lun 1
L delete --tid 1 --lun 0
L delete --tid 2 --lun 8
L delete --tid 2 --lun 9
L delete --tid 2 --lun 10
L delete --tid 2 --lun 11
T show
U 1 1 vendor_id=ACME
U 1 1 product_id=DISK
U 1 1 product_rev=0042
U 1 1 scsi_id=an-identifier,scsi_sn=a-serial
U 1 2 scsi_id=1234567890123456789012345678901234567890
U 1 2 scsi_sn=1234567890123456789012345678901234567890
U 1 2 vendor_id=TOOLONGVENDOR
U 1 2 sense_format=1
U 1 2 sense_format=0
U 1 2 lbppbe=3
U 1 2 la_lba=5
U 1 2 optimal_xfer_gran=8
U 1 2 optimal_xfer_len=128
U 1 2 rotation_rate=7200
U 1 2 mode_page=8:0:18:0x10:0:0xff:0xff:0:0:0xff:0xff:0xff:0xff:0x80:0x14:0:0:0:0:0:0
U 1 2 mode_page=0x30:0:2:1:2
U 1 2 removable=1
U 1 2 readonly=1
T show
U 1 2 removable=0
U 1 2 readonly=0
U 1 2 online=No
T show
U 1 2 path=$D/none
U 1 2 path=$D/d4
T show
U 1 2 path=$D/d2
U 1 2 online=0
U 1 2 path=$D/d2
U 1 2 removable=0
U 2 1 thin_provisioning=1
U 2 1 vendor_id=
U 2 1 nosuch=1
U 2 1 nosuch
U 2 1 element_type=1
U 2 1 removable=1,nosuch=1
U 2 1 removable=0
U 2 99 removable=1
U 99 1 removable=1
L update --tid 1 --lun 1
T show
N 1 MaxRecvDataSegmentLength 65536
N 1 MaxRecvDataSegmentLength 511
N 1 MaxRecvDataSegmentLength 16777216
N 1 MaxRecvDataSegmentLength nonsense
N 1 HeaderDigest CRC32C
N 1 HeaderDigest None,CRC32C
N 1 HeaderDigest crc32c
N 1 InitialR2T No
N 1 InitialR2T maybe
N 1 ImmediateData Yes
N 1 MaxOutstandingR2T 4
N 1 MaxOutstandingR2T 0
N 1 MaxOutstandingR2T 65536
N 1 FirstBurstLength 262144
N 1 MaxBurstLength 524288
N 1 ErrorRecoveryLevel 0
N 1 ErrorRecoveryLevel 3
N 1 MaxConnections 1
N 1 MaxConnections 0
N 1 DefaultTime2Wait 5
N 1 DefaultTime2Wait 3601
N 1 DefaultTime2Retain 0
N 1 DataPDUInOrder Yes
N 1 DataSequenceInOrder Yes
N 1 IFMarker No
N 1 MaxQueueCmd 64
N 1 maxqueuecmd 65
N 1 MaxQueueCmd 513
N 1 nop_interval 7
N 1 nop_count 3
N 1 nosuch 1
N 99 nosuch 1
tgtadm --lld none --mode target --op update --tid 1 -n InitialR2T -v No
T update --tid 1 -n InitialR2T
T show --tid 1
N 2 RedirectAddress 192.0.2.1
T show --tid 2
N 2 RedirectPort 3261
N 2 RedirectReason Temporary
N 2 RedirectReason nosuch
T show --tid 2
N 2 RedirectAddress ""
T bind --tid 1 -I ALL
T bind --tid 1 -I ALL
T bind --tid 1 -I 192.0.2.1
T bind --tid 1 -I 10.0.0.0/8
T bind --tid 1 -I fd00::1
T bind --tid 1 -I fd00::/16
T bind --tid 1 -Q iqn.2026-11.org.example:initiator
T bind --tid 1 -Q iqn.2026-11.org.example:initiator
T bind --tid 99 -I ALL
T bind --tid 1
T unbind --tid 1 -I 192.0.2.1
T unbind --tid 1 -I 192.0.2.1
T unbind --tid 1 -Q iqn.2026-11.org.example:stranger
T unbind --tid 99 -I ALL
T show
iscsi-inq iscsi://127.0.0.1:$PORT/iqn.2026-11.org.example:two/1 2>&1 | head -1
T bind --tid 2 -Q iqn.2007-10.com.github:sahlberg:libiscsi:iscsi-inq
iscsi-inq iscsi://127.0.0.1:$PORT/iqn.2026-11.org.example:two/1 2>&1 | head -2
T bind --tid 2 -I 192.0.2.1
iscsi-inq iscsi://127.0.0.1:$PORT/iqn.2026-11.org.example:two/1 2>&1 | head -2
T unbind --tid 2 -Q iqn.2007-10.com.github:sahlberg:libiscsi:iscsi-inq
T bind --tid 2 -Q iqn.2026-11.org.example:stranger
iscsi-inq iscsi://127.0.0.1:$PORT/iqn.2026-11.org.example:two/1 2>&1 | head -1
T bind --tid 2 -I 127.0.0.0/8
iscsi-inq iscsi://127.0.0.1:$PORT/iqn.2026-11.org.example:two/1 2>&1 | head -2
T unbind --tid 2 -I 192.0.2.1
A new --user joe --password joespassword1
A new --user joe --password x
A new --user out --password outspassword2
A new --user disc --password discpassword3
A new --user short --password short
A new --user nopassword
A show
tgtadm --lld none --mode account --op show
A bind --tid 1 --user joe
A bind --tid 1 --user joe
A bind --tid 1 --user short
A bind --tid 1 --user nosuch
A bind --tid 99 --user joe
A bind --tid 1 --user out --outgoing
A bind --tid 1 --user disc --outgoing
A bind --user disc
A bind --user disc
A bind --user out --outgoing
A bind --user joe --outgoing
A bind --user nosuch
T show
A unbind --tid 1 --user nosuch
A unbind --tid 1 --user disc
A unbind --tid 1 --user joe --outgoing
A unbind --tid 1 --user out --outgoing
A unbind --tid 1 --user out --outgoing
A unbind --tid 99 --user joe
A unbind --user disc
A unbind --user disc
A unbind --user out --outgoing
A delete --user joe
A delete --user nosuch
A unbind --tid 1 --user short
A show
A update --user out
T show
P new --param portal=127.0.0.1:$PORT2
P show
P new --param portal=127.0.0.1:$PORT2
P new --param portal=[::1]:$PORT2
P new --param portal=203.0.113.1:$PORT2
P new --param portal=127.0.0.1:99999
P new --param nosuch=127.0.0.1:$PORT2
P new --param portal=no.such.host.invalid:$PORT2
P new
P show
iscsi-inq iscsi://127.0.0.1:$PORT2/iqn.2026-11.org.example:two/1 2>&1 | head -2
P delete --param portal=127.0.0.1:$PORT2
P delete --param portal=127.0.0.1:$PORT2
P delete --param portal=[::1]:$PORT2
P delete
P update
tgtadm --lld none --mode portal --op show
P show
K start
tgtadm --lld none --mode lld --op start
tgtadm --lld none --mode lld --op show
S show
S stat
S stat --tid 1 --sid 1
C show
C show --tid 99
C show --tid 1
C stat
C stat --tid 1 --sid 1
C delete --tid 1 --sid 1 --cid 1
C delete --tid 99 --sid 1 --cid 0
C new --tid 1
tgtadm --mode session --op show
Y update --name State --value nosuch
Y update --name nosuch --value 1
Y update --name State --value offline
Y show | sed -n 2p
Y update --name State --value ready
Y update --name debug --value on
Y show | sed -n 3p
Y update --name debug --value off
Y delete
Y new
