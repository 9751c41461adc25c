# shows: 64 LUNs of one target, each with data of its own
# total: 200
LUNS=64

tgtmodular_configuration() {
    local n
    toml_head
    for n in $(seq $LUNS); do
        printf '[store.d%s]\ntype = "memory"\nsize = "4MiB"\n[unit.d%s]\ndevice = "sbc"\nstore = "d%s"\n' "$n" "$n" "$n"
    done
    toml_target "$(for n in $(seq $LUNS); do printf '{ number = %s, unit = "d%s" }, ' "$n" "$n"; done)"
}

all_there() { [ "$(ls -d /sys/class/scsi_disk/* | wc -l)" = $LUNS ]; }
# disk NUMBER: the block device of a LUN.
disk() { ls "/sys/class/scsi_disk/0:0:0:$1/device/block"; }
mark() { printf 'LUN %508s' "$1"; }
same() { dd if="/dev/$(disk "$1")" bs=512 count=1 iflag=direct | cmp - <(mark "$1"); }

guest() {
    local n
    initiator_up
    must discover
    must login
    must wait_for all_there
    for n in $(seq $LUNS); do
        mark "$n" | dd of="/dev/$(disk "$n")" bs=512 oflag=direct || fault "write to LUN $n"
    done 2>/tmp/step
    for n in $(seq $LUNS); do same "$n" || fault "LUN $n holds other data"; done 2>/tmp/step
    note "$LUNS LUNs written and read"
    ok logout
}
