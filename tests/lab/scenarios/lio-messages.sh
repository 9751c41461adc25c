# shows: what an administrator is told where the kernel lacks something: configfs, a module, an adapter, rights, a port that is somebody else's; the transport of FCoE ports comes and goes
# total: 400
LAB_MEMORY=1500M

setup() { true; }

guest() {
    . "$LAB/lio-lib.sh"
    chmod 755 "$LABDIR"
    umount /sys/kernel/config 2>/dev/null
    messages_configuration >"$LABDIR/tgt.toml"
    lio_start
    wait_for daemon_answers || must wait_for daemon_answers
    told 'loopback .*configfs is not mounted .mount -t configfs none /sys/kernel/config.'

    must modprobe tcm_fc
    must mount -t configfs none /mnt # the same tree, where the daemon does not look
    must mkdir -p /mnt/target/fc/20:00:02:00:00:00:0b:03
    must mount -t configfs none /sys/kernel/config
    told 'loopback .* online .*naa.5001405000000001 +-' \
        'vhost-scsi .* offline .*no fabric vhost: the module vhost_scsi is missing .*not found' \
        'srpt .* offline .*the module ib_srpt is missing' \
        'qla2xxx .* offline .*the module tcm_qla2xxx is missing' \
        'ibmvio .* offline .*the module ibmvscsis is missing' \
        'tcm-fc .*20:00:02:00:00:00:0b:03 is in the kernel already and not made by this daemon'
    port_complete

    note 'a port that somebody else gives up is taken'
    must rmdir "$LIO/fc/20:00:02:00:00:00:0b:03"
    told 'tcm-fc .*0b:02, fc 20:00:02:00:00:00:0b:03 +-'

    note 'killed and started again: what was there is taken over'
    must lio_kill
    lio_start
    wait_for daemon_answers || must wait_for daemon_answers
    told 'tcm-fc .*0b:02, fc 20:00:02:00:00:00:0b:03 +-'
    ok grep 'took over backend core/user_7403' "$LABDIR/target.log"
    port_complete

    lio_stop
    ok test -z "$(ls "$LIO/fc" | grep 20:)"
    ok test -z "$(find "$LIO/core" -name 'tgtmodular*')"

    note 'without rights'
    rm -rf "$LABDIR/state"; chown -R 65534 "$LABDIR"
    (cd /; exec setpriv --reuid 65534 --regid 65534 --clear-groups -- "$LAB_TGTD" --config "$LABDIR/tgt.toml" >>"$LABDIR/target.log" 2>&1) & daemon=$!
    wait_for daemon_answers || must wait_for daemon_answers
    told 'tcm-fc .*no rights to change /sys/kernel/config/target: the daemon must run as root'
    lio_stop
}

messages_configuration() {
    local transport
    printf 'state_directory = "%s/state"\n[daemon]\ncontrol_socket = "%s/control.sock"\n' "$LABDIR" "$LABDIR"
    for transport in loopback vhost-scsi tcm-fc srpt qla2xxx ibmvio; do printf '[transport.%s]\nretry_interval = "1s"\n' $transport; done
    printf '[store.disk]\ntype = "memory"\nsize = "1MiB"\n[unit.disk]\ndevice = "sbc"\nstore = "disk"\n'
    printf '[[target]]\n%s\naccess = { initiators = ["*", "20:00:02:00:00:00:0a:01"] }\nluns = [{ number = 0, unit = "disk" }]\n' \
        'loopback.name = "naa.5001405000000001"' 'tcm-fc.name = "20:00:02:00:00:00:0b:02"' 'tcm-fc.name = "20:00:02:00:00:00:0b:03"'
}
port_complete() {
    ok test -L "$(echo "$LIO"/fc/20:00:02:00:00:00:0b:02/tpgt_1/acls/20:00:02:00:00:00:0a:01/lun_0/tgtmodular-tcm-fc-*)"
    ok grep -x 0 "$LIO"/core/user_7403/tgtmodular-tcm-fc-*/attrib/pgr_support
}
