# shows: a virtual machine has our unit by vhost-scsi: what it writes, also while the daemon is killed, is in the image; one persistent reservation with iSCSI
# kernel: lab
# inner-kernel: qemu
# needs: qemu-system-x86_64 sg_persist
# total: 400
# The machine is QEMU's, within the guest; it does what is written to its console (inner-init).
LAB_MEMORY=1500M
PORT=naa.5001405000000002

setup() { inner_machine "$LABDIR/share/initrd" virtio_scsi sd_mod; }

guest() {
    . "$LAB/lio-lib.sh"
    modprobe -a vhost_scsi target_core_user sd_mod sg 2>/dev/null
    mountpoint -q /sys/kernel/config || must mount -t configfs none /sys/kernel/config
    vhost_configuration >"$LABDIR/tgt.toml"
    lio_start
    must patiently vhost_serves
    must test -c /dev/vhost-scsi
    mkfifo /tmp/keyboard
    qemu-system-x86_64 -accel tcg -M q35 -cpu max -m 192 -nodefaults -no-user-config -display none -no-reboot -monitor none \
        -chardev stdio,id=console,signal=off -serial chardev:console -kernel "$LAB_INNER/linux" -initrd /share/initrd \
        -append 'console=ttyS0 quiet panic=-1 mitigations=off random.trust_cpu=on audit=0' \
        -device vhost-scsi-pci,wwpn=$PORT </tmp/keyboard >/tmp/console 2>&1 & machine=$!
    exec 6>/tmp/keyboard
    must machine_says '^ready$'
    ok machine_does 'cat /sys/block/sda/device/vendor /sys/block/sda/device/model /sys/block/sda/size'
    says 'VIRTUAL-DISK'
    says '^131072$'
    data
    reservation
    crash
    lives_on
    echo 'poweroff -f' >&6
    must wait_for eval "! kill -0 $machine"
    lio_stop
    ok eval 'head -c 16M "$TARGET_IMAGE" | md5sum'
    says "$sum"
    ok test -z "$(find "$LIO/core" -name 'tgtmodular*')"
    ok test -z "$(ls "$LIO/vhost" | grep naa)"
}

# Sixteen MiB of random data, written and read again.
data() {
    ok machine_does 'dd if=/dev/urandom of=/data bs=1M count=16 2>/dev/null; md5sum </data'
    sum=$(cut -d' ' -f1 /tmp/step)
    ok machine_does 'dd if=/data of=/dev/sda bs=256k oflag=direct'
    ok machine_does 'dd if=/dev/sda bs=1M count=16 iflag=direct 2>/dev/null | md5sum'
    says "$sum"
}

# Made over iSCSI, obeyed in the machine.
reservation() {
    local iscsi
    initiator_up
    ok iscsiadm -m discovery -t st -p 127.0.0.1
    ok iscsiadm -m node -l
    must patiently iscsi_disk
    iscsi=/dev/$(iscsi_disk)
    ok sg_persist -n -o --register --param-sark=0xb "$iscsi"
    ok sg_persist -n -o --reserve --param-rk=0xb --prout-type=1 "$iscsi"
    refused machine_does 'dd if=/data of=/dev/sda bs=4k count=1 oflag=direct'
    ok machine_does 'dd if=/dev/sda of=/dev/null bs=4k count=1 iflag=direct'
    ok sg_persist -n -o --clear --param-rk=0xb "$iscsi"
    ok machine_does 'dd if=/data of=/dev/sda bs=4k count=1 oflag=direct'
    ok iscsiadm -m node -u
}

# The daemon is killed while the machine writes; the machine notices a delay.
crash() {
    ok machine_does '(while [ ! -e /stop ]; do dd if=/data of=/dev/sda bs=64k oflag=direct || break; done >/log 2>&1; [ -e /stop ]; echo $? >/result) &'
    ok machine_does 'until grep -q out /log; do usleep 100000; done'
    must lio_kill
    lio_start
    must patiently grep -q 'took over backend core/user_7402' "$LABDIR/target.log"
    ok machine_does ': >/stop; until [ -e /result ]; do usleep 100000; done; cat /log; exit "$(cat /result)"'
    ok machine_does 'dd if=/dev/sda bs=1M count=16 iflag=direct 2>/dev/null | md5sum'
    says "$sum"
}

# The daemon stops and starts while the machine runs: its disk waits.
lives_on() {
    lio_stop
    ok grep 'a virtual machine has it' "$LABDIR/target.log"
    lio_start
    ok machine_does 'dd if=/dev/sda bs=1M count=16 iflag=direct 2>/dev/null | md5sum'
    says "$sum"
}

vhost_configuration() {
    printf 'state_directory = "%s/state"\n[transport.vhost-scsi]\ncommand_timeout = "60s"\n[transport.iscsi]\nlisten = ["127.0.0.1:3260"]\n' "$LABDIR"
    printf '[store.disk]\ntype = "file"\npath = "%s"\nsize = "64MiB"\n[unit.disk]\ndevice = "sbc"\nstore = "disk"\n' "$TARGET_IMAGE"
    printf '[[target]]\nvhost-scsi.name = "%s"\niscsi.name = "%s"\n' "$PORT" "$IQN"
    printf 'access = [{ initiators = ["*"] }, { addresses = ["127.0.0.1"] }]\nluns = [{ number = 0, unit = "disk" }]\n'
}
vhost_serves() { grep -q 'serves through vhost' "$LABDIR/target.log" && grep -q 'listening on' "$LABDIR/target.log"; }

# machine_says PATTERN: within a minute or two.
machine_says() {
    for _ in $(seq 600); do
        grep -qE "$1" /tmp/console && return
        kill -0 $machine 2>/dev/null || break
        sleep 0.1
    done
    tail -20 /tmp/console
    return 1
}
# machine_does COMMAND: on its console; prints what that printed, and returns its status.
machine_does() {
    steps=$((${steps:-0} + 1))
    echo "$1" >&6
    machine_says "^done $steps " || return
    sed -n "/^step $steps\$/,/^done $steps /p" /tmp/console | sed '1d;$d'
    return "$(sed -n "s/^done $steps //p" /tmp/console)"
}
