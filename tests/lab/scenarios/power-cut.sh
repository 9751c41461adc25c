# shows: tgtd's machine loses power 20 times under writes: all that was acknowledged after FUA or SYNCHRONIZE CACHE is there, reservations too
# total: 1000
# needs: mkfs.ext4
CUTS=${LAB_CUTS:-20}
TARGET_SIZE_MIB=64
TARGET_LISTEN=10.9.1.2:3260
LAB_MEMORY=1500M

# Outside: the initiator. Inside: the target on a disk of its own, whose cache goes with the machine.
drive() {
    local cut machine before after
    PORTAL=$TARGET_LISTEN
    truncate -s 512M "$LABDIR/machine.img" && mkfs.ext4 -q -F "$LABDIR/machine.img" || return 126
    for cut in $(seq "$CUTS"); do
        start_machine "$cut" || return 1
        if [ "$cut" -gt 1 ]; then check "$cut" || return 1; fi
        before=$(acknowledged)
        "$LAB_LOAD" write-until-gone "iscsi://$PORTAL/$IQN/1" --journal "$LABDIR/journal" --seed "$cut" >"$LABDIR/writer.log" 2>&1 & writer=$!
        await_for $((60 * LAB_SLOWNESS)) enough "$before" || { cat "$LABDIR/writer.log"; return 1; }
        sleep "0.$((RANDOM % 10))"
        cut_power
        kill -TERM $writer 2>/dev/null; wait $writer 2>/dev/null
        after=$(acknowledged)
        echo "lab: cut $cut after $((after - before)) acknowledged writes"
    done
    start_machine last && check last && cut_power
}

start_machine() {
    GUEST_DISK=$LABDIR/machine.img boot_guest 1 guest </dev/null >"$LABDIR/machine.log" 2>&1 & machine=$!
    await_for $((90 * LAB_SLOWNESS)) portal_open || { echo "lab: the target does not come up"; cat "$LABDIR/machine.log"; return 1; }
}
cut_power() { kill_guest 1; wait $machine 2>/dev/null; true; }
check() { "$LAB_LOAD" check-stable "iscsi://$PORTAL/$IQN/1" --journal "$LABDIR/journal" || { echo "lab: before cut $1"; cat "$LABDIR/machine.log"; return 1; }; }
acknowledged() { grep -c '^S' "$LABDIR/journal" 2>/dev/null || true; }
enough() { [ "$(acknowledged)" -gt $((${1:-0} + 100)) ]; }

guest() {
    must mkdir -p /disk
    must mount "$OWN_DISK" /disk
    LABDIR=/disk TARGET_IMAGE=/disk/disk.img
    . "$LAB/setup-lib.sh"; . "$LAB_SCENARIO"; . "$LAB_TARGET"
    TARGET_IMAGE=/disk/disk.img
    # Written in full: while blocks are still being allocated, the journal of ext4 takes data along that nobody has flushed.
    [ -e "$TARGET_IMAGE" ] || must dd if=/dev/zero of="$TARGET_IMAGE" bs=1M count="$TARGET_SIZE_MIB" conv=fsync
    tgtmodular_configuration >/disk/tgt.toml
    exec "$LAB_TGTD" --config /disk/tgt.toml
}
