# shows: a plugin from its template comes into a running daemon, is formatted, upgraded under verified load, and taken out
# needs: fio
# total: 240
# A scenario for tests/outsider story: STORY_V1 and STORY_V2 are folders with two versions of the plugin, as dotnet publish has laid them out.
plugin=store-acme-example

setup() {
    mkdir "$LABDIR/plugins" || return 1
    target_start || return 1
    cp -r "$STORY_V1" "$LABDIR/plugins/v1" || return 1
    await known 1.0.0 || return 1
    story_configuration >"$LABDIR/story.toml"
    tgtmodular_control apply "$LABDIR/story.toml" || return 1
    ( await_signal upgrade; upgrade_to_and_fro >"$LABDIR/share/upgrades" 2>&1; : >"$LABDIR/share/upgraded"
      await_signal remove; take_out >"$LABDIR/share/removal" 2>&1; : >"$LABDIR/share/removed"; wait ) &
}
# The directory is watched: nobody tells the daemon.
known() { tgtmodular_control plugin list | grep -q "$plugin  *$1 "; }
tgtmodular_configuration() { printf 'plugin_directories = ["%s"]\n' "$LABDIR/plugins"; toml_head; }
story_configuration() {
    local name
    tgtmodular_configuration
    for name in a b; do
        printf '[store.%s]\ntype = "acme-example"\npath = "%s"\nsize = "64MiB"\n[unit.%s]\ndevice = "sbc"\nstore = "%s"\n' $name "$LABDIR/$name.img" $name $name
    done
    toml_target '{ number = 1, unit = "a" }, { number = 2, unit = "b" }'
}
upgrade_to_and_fro() {
    local version
    cp -r "$STORY_V2" "$LABDIR/plugins/v2" && await known 1.1.0 || return 1
    for version in 1.1.0 1.0.0 1.1.0; do
        tgtmodular_control plugin upgrade "$plugin" --to $version || return 1
        sleep 2 # of the load, with this version
    done
    echo 'upgraded three times'
}
take_out() {
    tgtmodular_control plugin remove "$plugin" && return 1
    echo 'refused while it is in use'
    tgtmodular_control plugin remove "$plugin" --force || return 1
    echo 'removed by force'
    tgtmodular_control plugin list
}

guest() {
    local load
    connected
    must wait_for test -b /dev/sdb
    must mkfs.ext4 -q -F /dev/sda
    fill_and_compare fsck.ext4 -fn
    verified_load 15 /dev/sdb >/tmp/load 2>&1 &
    load=$!
    must wait_for written 2048 sdb
    signal upgrade
    must mount /dev/sda /mnt/d
    ok dd if=/dev/urandom of=/mnt/d/more bs=1M count=4 conv=fsync
    ok await_signal upgraded
    ok cat /share/upgrades
    says 'upgraded three times'
    ok wait $load
    intact
    ok umount /mnt/d
    must drop_caches
    ok fsck.ext4 -fn /dev/sda
    must mount -o ro /dev/sda /mnt/d
    intact
    ok umount /mnt/d
    ok dmesg
    says_not 'I/O error|conn error'
    signal remove
    ok await_signal removed
    ok cat /share/removal
    says 'refused while it is in use'
    says 'removed by force'
    refused dd if=/dev/sda of=/dev/null bs=4k count=1 iflag=direct
    ok logout
}
intact() { cd /mnt/d && ok md5sum --quiet -c /tmp/sums; cd /; }
