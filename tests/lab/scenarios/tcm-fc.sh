# shows: the kernel's FCoE initiator mounts our unit through tcm_fc (VN2VN), and over iSCSI the same unit obeys one persistent reservation with it
# needs: mkfs.ext4 sg_persist sg_vpd
# kernel: qemu
# total: 900
LAB_MEMORY=2048M
FC_TARGET=20:00:02:00:00:00:0b:02
FC_INITIATOR=20:00:02:00:00:00:0a:01

setup() { true; }

guest() {
    . "$LAB/lio-lib.sh"
    # Stock User-Mode Linux has tcm_fc, but no FCoE port to use it with.
    modprobe fcoe 2>/dev/null || [ -e /sys/bus/fcoe/ctlr_create ] || { note 'this kernel has no fcoe'; exit 77; }
    modprobe -a veth tcm_fc target_core_user sd_mod sg 2>/dev/null
    mountpoint -q /sys/kernel/config || must mount -t configfs none /sys/kernel/config
    fc_configuration >"$LABDIR/tgt.toml"
    lio_start
    must patiently fc_serves
    must ip link add fi mtu 2500 address 02:00:00:00:0a:01 type veth peer name ft mtu 2500 address 02:00:00:00:0b:02
    sysctl -qw net.ipv6.conf.fi.disable_ipv6=1 net.ipv6.conf.ft.disable_ipv6=1 2>/dev/null
    must ip link set fi up
    must ip link set ft up
    # The initiator's port comes after the target is there, or PRLI sees no target.
    fcoe_port ft
    fcoe_port fi
    must patiently fc_disk
    fc=/dev/$(fc_disk)
    ok sg_vpd -p di "$fc"
    says "0x$(echo "$FC_TARGET" | tr -d :)"
    must mkfs.ext4 -q -F "$fc"
    copy_and_compare "$fc"
    one_reservation "$fc" '20 00 02 00 00 00 0a 01'
    lio_stop
    ok test -z "$(find "$LIO/core" -name 'tgtmodular*')"
    ok test -z "$(ls "$LIO/fc" | grep 20:)"
}

fc_configuration() {
    printf 'state_directory = "%s/state"\n[transport.tcm-fc]\ncommand_timeout = "120s"\n[transport.iscsi]\nlisten = ["127.0.0.1:3260"]\n' "$LABDIR"
    printf '[store.disk]\ntype = "memory"\nsize = "64MiB"\n[unit.disk]\ndevice = "sbc"\nstore = "disk"\n'
    printf '[[target]]\ntcm-fc.name = "%s"\niscsi.name = "%s"\n' "$FC_TARGET" "$IQN"
    printf 'access = [{ initiators = ["%s"] }, { addresses = ["127.0.0.1"] }]\nluns = [{ number = 0, unit = "disk" }]\n' "$FC_INITIATOR"
}
fc_serves() { grep -q 'serves through fc' "$LABDIR/target.log" && grep -q 'listening on' "$LABDIR/target.log"; }
# patiently COMMAND...: until it succeeds or the daemon is gone; an emulated processor takes its time, and the guest's limit ends it.
patiently() { until "$@"; do ! lio_gone || return 1; sleep 0.5; done; }
# Name of the disk; fails while there is none.
fc_disk() { ls -d /sys/class/fc_remote_ports/*/device/target*/*/block/* | grep -om1 '[^/]*$'; }

# fcoe_port DEVICE: a port of the kernel's FCoE over it, without a forwarder.
fcoe_port() {
    local port
    echo "$1" >/sys/bus/fcoe/ctlr_create
    wait_for ls /sys/class/net/"$1"/ctlr_*/mode || must ls /sys/class/net/"$1"/ctlr_*/mode
    port=$(echo /sys/class/net/"$1"/ctlr_*)
    echo vn2vn >"$port/mode"
    echo 1 >"$port/enabled"
}
