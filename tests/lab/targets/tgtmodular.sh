# The daemon of this tree: artifacts/tgt/tgtd, or LAB_TGTD.
TARGET_CHAP_ALGORITHMS='MD5 SHA1 SHA256 SHA3-256'

target_start() {
    tgtmodular_configuration >"$LABDIR/tgt.toml"
    "$LAB_TGTD" --config "$LABDIR/tgt.toml" >>"$LABDIR/target.log" 2>&1 &
    echo $! >"$LABDIR/target.pid"; disown
    await_for 60 portal_open # a second on an idle machine; ten were not enough for one with ten programs to each processor
}
# One disk as LUN 1; a scenario may define another configuration from the parts below.
tgtmodular_configuration() {
    toml_head
    printf '[store.disk]\ntype = "file"\npath = "%s"\nsize = "%sMiB"\n%s\n' "$TARGET_IMAGE" "$TARGET_SIZE_MIB" "$TARGET_STORE"
    if [ -n "$TARGET_FAULT" ]; then printf '[store.faulty]\ntype = "fault"\nover = ["disk"]\nrules = ["%s"]\n' "$TARGET_FAULT"; fi
    printf '[unit.disk]\ndevice = "sbc"\nstore = "%s"\n' "$([ -n "$TARGET_FAULT" ] && echo faulty || echo disk)"
    toml_target '{ number = 1, unit = "disk" }'
    if [ -n "$TARGET_CHAP" ]; then tgtmodular_account chap "$TARGET_CHAP"; fi
    if [ -n "$TARGET_CHAP_MUTUAL" ]; then tgtmodular_account chap_outgoing "$TARGET_CHAP_MUTUAL"; fi
}
toml_head() {
    printf 'state_directory = "%s/state"\n[transport.iscsi]\nlisten = [%s]\n%s\n' "$LABDIR" "$(tgtmodular_portals)" "$TARGET_TRANSPORT"
}
# toml_target LUNS: the target with a LUN map.
toml_target() { printf '[[target]]\niscsi.name = "%s"\naccess = { addresses = ["10.9.0.0/16"] }\nluns = [%s]\n' "$IQN" "$1"; }
tgtmodular_portals() { if [ -n "$TARGET_LISTEN" ]; then printf '"%s"' "$TARGET_LISTEN"; else printf '"10.9.%s.1:3260", ' $(networks); fi; }
tgtmodular_account() {
    local user secret
    read -r user secret <<<"$2"
    (umask 077; printf '%s' "$secret" >"$LABDIR/$1.secret")
    case $1 in
        chap) printf 'chap = [{ user = "%s", secret_file = "%s" }]\n' "$user" "$LABDIR/$1.secret" ;;
        *) printf '%s = { user = "%s", secret_file = "%s" }\n' "$1" "$user" "$LABDIR/$1.secret" ;;
    esac
}
target_kill() { kill -9 "$(cat "$LABDIR/target.pid")"; until ! portal_open; do sleep 0.05; done; }
target_stop() { [ ! -e "$LABDIR/target.pid" ] || { kill -TERM "$(cat "$LABDIR/target.pid")" 2>/dev/null; until ! portal_open; do sleep 0.05; done; }; }
target_log() { [ ! -e "$LABDIR/target.log" ] || tail -40 "$LABDIR/target.log"; }
# tgtmodular_control ARGUMENT...: tgtctl of the same tree.
tgtmodular_control() { "$(dirname "$LAB_TGTD")/tgtctl" --socket "$LABDIR/state/control.sock" "$@"; }
