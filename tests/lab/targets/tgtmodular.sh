# The daemon of this tree: artifacts/tgt/tgtd, or LAB_TGTD.
tgtmodular_daemon=${LAB_TGTD:-$(readlink -f "$LAB/../..")/artifacts/tgt/tgtd}
TARGET_CHAP_ALGORITHMS='MD5 SHA1 SHA256 SHA3-256'

target_start() {
    tgtmodular_configuration >"$LABDIR/tgt.toml"
    "$tgtmodular_daemon" --config "$LABDIR/tgt.toml" >>"$LABDIR/target.log" 2>&1 &
    echo $! >"$LABDIR/target.pid"; disown
    await portal_open
}
tgtmodular_configuration() {
    cat <<TOML
state_directory = "$LABDIR/state"

[transport.iscsi]
listen = [$(printf '"10.9.%s.1:3260", ' $(networks))]

[store.disk]
type = "file"
path = "$TARGET_IMAGE"
size = "${TARGET_SIZE_MIB}MiB"

[unit.disk]
device = "sbc"
store = "disk"

[[target]]
iscsi.name = "$IQN"
access = { addresses = ["10.9.0.0/16"] }
luns = [{ number = 1, unit = "disk" }]
TOML
    if [ -n "$TARGET_CHAP" ]; then tgtmodular_account chap "$TARGET_CHAP"; fi
    if [ -n "$TARGET_CHAP_MUTUAL" ]; then tgtmodular_account chap_outgoing "$TARGET_CHAP_MUTUAL"; fi
}
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
target_stop() { kill -TERM "$(cat "$LABDIR/target.pid")" 2>/dev/null; until ! portal_open; do sleep 0.05; done; }
target_log() { tail -40 "$LABDIR/target.log"; }
