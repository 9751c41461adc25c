T new --tid 1 -T iqn.2026-11.org.example:one
T new --tid 3 -T unreachable
L new --tid 1 --lun 1 -b $D/empty
L new --tid 1 --lun 2 -b $D/d2 --blocksize 100
L new --tid 1 --lun 3 -b $D/d2 --blocksize 0
L new --tid 1 --lun 4 -b $D/d2 -Y cd
L new --tid 1 --lun 5 -b $D/d2 -Y tape
L new --tid 1 --lun 6 -b $D/d2 -Y osd
L new --tid 1 --lun 7 -b $D/d2 -Y changer
L new --tid 1 --lun 8
L new --tid 1 --lun 16384 -b $D/d2
L new --tid 1 --lun 9 -b $D/d2
U 1 9 lbppbe=99
U 1 9 mode_page=2:0:14:0x80:0x80:0:0xa:0:0:0:0:0:0:0:0:0:0
U 1 9 mode_page=nonsense
U 1 0 vendor_id=CTRL
N 1 ErrorRecoveryLevel 1
N 1 MaxConnections 2
N 1 IFMarker Yes
N 1 DataPDUInOrder No
N 1 MaxXmitDataSegmentLength 16384
N 1 RDMAExtensions No
N 1 OFMarkInt 2048
N 1 RedirectPort nonsense
N 1 RedirectCallback /bin/true
T bind --tid 1 -I all
T bind --tid 1 -I 10.0.0.7/8
T bind --tid 1 -I 10.0.0.0/33
T bind --tid 1 -I nonsense
P new --param portal=127.0.0.1:nonsense
Y update --name iSNSServerIP --value 127.0.0.1
T delete --tid 1 --force
