# shows: the lab kernel can what others build on it: LIO's fabrics, a loopback disk, a TCMU device, FCoE (VN2VN), iSER over Soft-RoCE
# kernel: lab
# needs: rdma
# total: 160
target=/sys/kernel/config/target

# No target of ours: the kernel is both sides.
setup() { true; }

guest() {
    must mount -t configfs none /sys/kernel/config
    mkdir -p /etc/target/{alua,pr} /var/target/{alua,pr}
    must test -d $target/core
    fabrics
    tcmu
    loopback
    fcoe
    iser
}

# backend NAME MIB: a file as a disk of LIO; prints its directory.
backend() {
    local directory=$target/core/fileio_0/$1
    truncate -s "$2M" "/tmp/$1.img" && mkdir -p "$directory" && echo -n "fd_dev_name=/tmp/$1.img,fd_dev_size=$(($2 << 20))" >"$directory/control" &&
        echo 1 >"$directory/enable" && echo "$directory"
}

fabrics() {
    local fabric
    for fabric in loopback fc iscsi srpt vhost; do ok mkdir $target/$fabric; done
}

uio_named() { grep -q "$1" /sys/class/uio/uio*/name; }

tcmu() {
    local device=$target/core/user_0/disk0
    must mkdir -p $device
    ok eval "echo -n dev_config=lab/disk0,dev_size=16777216,hw_block_size=512,max_data_area_mb=8 >$device/control"
    # With nobody who answers, the ring is there all the same.
    ok eval "echo 1 >$device/enable"
    ok wait_for uio_named 'tcm-user/0/disk0/lab/disk0'
    ok test -c /dev/uio0
    ok rmdir $device
}

# mounted DEVICE: makes a file system, fills and checks it.
mounted() {
    mkdir -p /mnt/d
    ok mkfs.ext4 -q -F "$1" && ok mount "$1" /mnt/d && ok cp /usr/bin/perl /mnt/d/ && ok umount /mnt/d && ok mount "$1" /mnt/d
    ok cmp /usr/bin/perl /mnt/d/perl
    ok umount /mnt/d
}


loopback() {
    local group=$target/loopback/naa.5001405000000001/tpgt_1 disk
    disk=$(backend loop 64) || fault 'no backend'
    must mkdir -p $group/lun/lun_0
    ok eval "echo naa.6001405000000001 >$group/nexus"
    ok ln -s "$disk" $group/lun/lun_0/disk
    must wait_for disk_there
    mounted /dev/sda
    ok rm $group/lun/lun_0/disk
    ok wait_for disk_gone
    ok rmdir $group/lun/lun_0 $group ${group%/*}
}

# A port at each end of a pair of network devices; the initiator's only when the target is ready, or it sees no target.
fcoe() {
    local wwn initiator port disk
    ok ip link add fa type veth peer name fb
    ok ip link set fa mtu 9000 up && ok ip link set fb mtu 9000 up
    ok fc_port fb; wwn=$(tail -1 /tmp/step)
    initiator=20:00:$(cat /sys/class/net/fa/address)
    port=$target/fc/$wwn/tpgt_1
    disk=$(backend fc 64) || fault 'no backend'
    must mkdir -p "$port/lun/lun_0"
    ok ln -s "$disk" "$port/lun/lun_0/disk"
    ok mkdir -p "$port/acls/$initiator/lun_0"
    ok ln -s "$port/lun/lun_0" "$port/acls/$initiator/lun_0/lun"
    ok fc_port fa
    must wait_for disk_there
    mounted /dev/sda
    echo fa >/sys/module/libfcoe/parameters/destroy
    ok wait_for disk_gone
}
# fc_port DEVICE: creates it and prints its WWN, aa:bb:...
fc_port() {
    echo "$1" >/sys/module/libfcoe/parameters/create_vn2vn && wait_for grep -q " over $1" /sys/class/fc_host/host*/symbolic_name || return 1
    sed 's/^0x//; s/\(..\)/\1:/g; s/:$//' "$(dirname "$(grep -l " over $1" /sys/class/fc_host/host*/symbolic_name)")/port_name"
}

iser() {
    local address=10.9.9.1 attribute group=$target/iscsi/iqn.2026-01.lab:iser/tpgt_1 disk
    ok ip link add rnet type dummy && ok ip addr add $address/24 dev rnet && ok ip link set rnet up
    ok rdma link add rxe0 type rxe netdev rnet
    disk=$(backend iser 64) || fault 'no backend'
    must mkdir -p "$group/lun/lun_0"
    ok ln -s "$disk" "$group/lun/lun_0/disk"
    ok mkdir "$group/np/$address:3260"
    ok eval "echo 1 >$group/np/$address:3260/iser"
    for attribute in authentication=0 generate_node_acls=1 demo_mode_write_protect=0 cache_dynamic_acls=1; do echo ${attribute#*=} >"$group/attrib/${attribute%=*}"; done
    ok eval "echo 1 >$group/enable"
    initiator_up
    ok iscsiadm -m discovery -t sendtargets -p $address -I iser
    ok iscsiadm -m node -o update -n iface.transport_name -v iser
    ok iscsiadm -m node -l -I iser
    must wait_for disk_there
    mounted /dev/sda
    ok iscsiadm -m session -P 1
    says 'transport: iser'
    ok iscsiadm -m node -u
}
