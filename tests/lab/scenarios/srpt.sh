# shows: the kernel's SRP initiator has our unit over Soft-RoCE, through srpt: mkfs, compare, fio verify, one persistent reservation with iSCSI
# kernel: lab
# needs: rdma mkfs.ext4 fio sg_persist sg_vpd sg_luns
# total: 400
LAB_MEMORY=1500M
RDMA_ADDRESS=10.9.9.1
RDMA_PORT=5555

setup() { true; }

guest() {
    . "$LAB/lio-lib.sh"
    modprobe -a rdma_rxe ib_srp ib_srpt target_core_user sd_mod sg dummy 2>/dev/null
    mountpoint -q /sys/kernel/config || must mount -t configfs none /sys/kernel/config
    must ip link add rnet type dummy
    must ip addr add $RDMA_ADDRESS/24 dev rnet
    must ip link set rnet up
    must rdma link add rxe0 type rxe netdev rnet
    must wait_for ls /sys/class/infiniband/rxe0/ports/1/gids/0
    gid=$(tr -d : </sys/class/infiniband/rxe0/ports/1/gids/0)
    # The initiator's name: its extension (none is given, 0) and the second half of its GID. The target's: the whole GID.
    initiator=0x0000000000000000${gid:16}
    note "port 0x$gid, initiator $initiator"
    srp_configuration >"$LABDIR/tgt.toml"
    lio_start
    must patiently srp_serves
    srp_login
    must patiently srp_disk
    disk=/dev/$(srp_disk)
    ok sg_vpd -p di "$disk"
    ok sg_luns "$disk"
    must mkfs.ext4 -q -F "$disk"
    mkdir -p /mnt/d
    must mount "$disk" /mnt/d
    ok cp /usr/bin/perl /mnt/d/
    ok umount /mnt/d
    must mount -o ro "$disk" /mnt/d
    ok cmp /usr/bin/perl /mnt/d/perl
    ok umount /mnt/d
    ok verified_load 8 "$disk"
    dmesg | tail -40
}

srp_configuration() {
    printf 'state_directory = "%s/state"\n[transport.srpt]\nrdma_port = %s\ncommand_timeout = "60s"\n[transport.iscsi]\nlisten = ["127.0.0.1:3260"]\n' "$LABDIR" $RDMA_PORT
    printf '[store.disk]\ntype = "memory"\nsize = "64MiB"\n[unit.disk]\ndevice = "sbc"\nstore = "disk"\n'
    printf '[[target]]\nsrpt.name = "0x%s"\niscsi.name = "%s"\n' "$gid" "$IQN"
    printf 'access = [{ initiators = ["%s"] }, { addresses = ["127.0.0.1"] }]\nluns = [{ number = 0, unit = "disk" }]\n' "$initiator"
}
srp_serves() { grep -q 'serves through srpt' "$LABDIR/target.log" && grep -q 'listening on' "$LABDIR/target.log"; }
srp_login() {
    local guid
    guid=$(cat /sys/module/ib_srpt/parameters/srpt_service_guid); guid=${guid#0x}
    ok eval "echo 'id_ext=$guid,ioc_guid=$guid,dest=$RDMA_ADDRESS:$RDMA_PORT' >/sys/class/infiniband_srp/srp-rxe0-1/add_target"
}
srp_disk() { ls -d /sys/class/srp_remote_ports/*/device/target*/*/block/* /sys/class/srp_host/*/device/target*/*/block/* 2>/dev/null | grep -om1 '[^/]*$'; }
