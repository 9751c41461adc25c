# shows: what an administrator is told on a generic kernel that has the drivers of fabrics and none of their hardware: qla2xxx, srpt, ibmvio, tcm-fc
# kernel: qemu
# total: 400
LAB_MEMORY=1500M

setup() { true; }

guest() {
    . "$LAB/lio-lib.sh"
    modprobe -a configfs sd_mod sg 2>/dev/null
    mountpoint -q /sys/kernel/config || must mount -t configfs none /sys/kernel/config
    hardware_configuration >"$LABDIR/tgt.toml"
    lio_start
    must patiently daemon_answers
    told 'qla2xxx .* offline .*no QLogic Fibre Channel adapter is here' \
        'srpt .* offline .*no RDMA device is here: /sys/class/infiniband is empty' \
        'ibmvio .* offline .*the module ibmvscsis is missing' \
        'tcm-fc .* online .*20:00:02:00:00:00:0b:02 +-'
    # The modules are there: it is the adapters that are missing.
    ok test -d /sys/module/tcm_qla2xxx
    ok test -d /sys/module/ib_srpt
    ok test -d "$LIO/qla2xxx"
    # What the kernel itself says to a port that it does not have, in whatever form.
    refused mkdir "$LIO/qla2xxx/21:00:00:24:ff:31:4c:48"
    refused mkdir "$LIO/srpt/0xfe80000000000000505400fffe123456"
    lio_stop
    ok test -z "$(find "$LIO/core" -name 'tgtmodular*')"
    ok test -z "$(ls "$LIO/fc" | grep 20:)"
}

hardware_configuration() {
    local transport
    printf 'state_directory = "%s/state"\n[daemon]\ncontrol_socket = "%s/control.sock"\n' "$LABDIR" "$LABDIR"
    for transport in tcm-fc srpt qla2xxx ibmvio; do printf '[transport.%s]\nretry_interval = "1s"\n' $transport; done
    printf '[store.disk]\ntype = "memory"\nsize = "1MiB"\n[unit.disk]\ndevice = "sbc"\nstore = "disk"\n'
    printf '[[target]]\n%s\naccess = { initiators = ["%s"] }\nluns = [{ number = 0, unit = "disk" }]\n' \
        'tcm-fc.name = "20:00:02:00:00:00:0b:02"' 20:00:02:00:00:00:0a:01 \
        'qla2xxx.name = "21:00:00:24:ff:31:4c:48"' 21:00:00:1b:32:00:00:01 \
        'srpt.name = "0xfe80000000000000505400fffe123456"' 0x0000000000000000505400fffe123457 \
        'ibmvio.name = "30000003"' '*'
}
