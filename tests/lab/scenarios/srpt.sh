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
    must srp_login
    must patiently srp_disk
    disk=/dev/$(srp_disk)
    ok sg_vpd -p di "$disk"
    ok sg_luns "$disk"
    must mkfs.ext4 -q -F "$disk"
    copy_and_compare "$disk"
    one_reservation "$disk" "$(echo "${initiator:2}" | sed 's/../& /g; s/ $//; s/\(.\{23\}\) /\1 */')"
    stranger
    load_with_troubles
    must eval 'echo 1 | tee /sys/class/srp_remote_ports/port-*/delete'
    must wait_for test ! -e "$disk"
    lio_stop
    ok test -z "$(find "$LIO/core" -name 'tgtmodular*')"
    ok test -z "$(ls "$LIO/srpt" | grep 0x)"
    ok grep -x 0 "$LIO/srpt/discovery_auth/rdma_cm_port"
}

# Another initiator port of the same machine, which no access rule names.
stranger() { refused srp_login ,initiator_ext=0000000000000001; }

reset_ended_commands() { grep -qE 'LunReset by the kernel, of [1-9]' "$LABDIR/target.log"; }

# A reset, and a daemon that is killed and comes back: the load sees nothing of it. The kernel's target says nothing of the commands that the reset ends, nor does
# its initiator ask: they time out there, each is aborted, and sent again.
load_with_troubles() {
    local load reset name=${disk#/dev/}
    echo 4 >"/sys/block/$name/device/timeout"
    verified_load 20 "$disk" >/tmp/load.log 2>&1 & load=$!
    must wait_for written $(($(written_sectors "$name") + 1000)) "$name"
    # What the daemon has is answered at once: a reset may come when there is nothing for it to end. So until one has.
    for reset in $(seq 20); do
        ok sg_reset --device "$disk"
        must patiently written $(($(written_sectors "$name") + 2000)) "$name"
        ! reset_ended_commands || break
    done
    echo 30 >"/sys/block/$name/device/timeout"
    must lio_kill
    lio_start
    wait $load || { fault 'the load saw an error'; cat /tmp/load.log; }
    ok reset_ended_commands
    ok grep 'took over backend core/user_7404' "$LABDIR/target.log"
}

srp_configuration() {
    printf 'state_directory = "%s/state"\n[transport.srpt]\nrdma_port = %s\ncommand_timeout = "60s"\n[transport.iscsi]\nlisten = ["127.0.0.1:3260"]\n' "$LABDIR" $RDMA_PORT
    printf '[store.disk]\ntype = "file"\npath = "%s"\nsize = "64MiB"\n[unit.disk]\ndevice = "sbc"\nstore = "disk"\n' "$TARGET_IMAGE"
    printf '[[target]]\nsrpt.name = "0x%s"\niscsi.name = "%s"\n' "$gid" "$IQN"
    printf 'access = [{ initiators = ["%s"] }, { addresses = ["127.0.0.1"] }]\nluns = [{ number = 0, unit = "disk" }]\n' "$initiator"
}
srp_serves() { grep -q 'serves through srpt' "$LABDIR/target.log" && grep -q 'listening on' "$LABDIR/target.log"; }
# srp_login [MORE]: the target calls itself by the GUID of the machine's first RDMA device.
srp_login() {
    local guid
    guid=$(cat /sys/module/ib_srpt/parameters/srpt_service_guid); guid=${guid#0x}
    echo "id_ext=$guid,ioc_guid=$guid,dest=$RDMA_ADDRESS:$RDMA_PORT${1:-}" >/sys/class/infiniband_srp/srp-rxe0-1/add_target
}
srp_disk() { ls -d /sys/class/srp_remote_ports/*/device/target*/*/block/* /sys/class/srp_host/*/device/target*/*/block/* 2>/dev/null | grep -om1 '[^/]*$'; }
