# Debian's C tgtd.
TARGET_CHAP_ALGORITHMS=MD5

tgt_admin() { tgtadm -C 9 --lld iscsi "$@"; }

target_start() {
    mkdir -p /run/tgtd
    TGT_IPC_SOCKET=/run/tgtd/socket tgtd -f -C 9 -t 4 --iscsi "portal=$PORTAL" >>"$LABDIR/target.log" 2>&1 &
    disown; echo $! >"$LABDIR/target.pid"
    await tgt_admin --op show --mode sys || return 1
    [ -e "$TARGET_IMAGE" ] || truncate -s "${TARGET_SIZE_MIB}M" "$TARGET_IMAGE"
    tgt_admin --op new --mode target --tid 1 -T "$IQN" &&
        tgt_admin --op new --mode logicalunit --tid 1 --lun 1 -b "$TARGET_IMAGE" || return 1
    tgt_admin --op update --mode target --tid 1 -n HeaderDigest -v "$TARGET_DIGESTS" && tgt_admin --op update --mode target --tid 1 -n DataDigest -v "$TARGET_DIGESTS" || return 1
    if [ -n "$TARGET_CHAP" ]; then tgt_account "$TARGET_CHAP" || return 1; fi
    if [ -n "$TARGET_CHAP_MUTUAL" ]; then tgt_account "$TARGET_CHAP_MUTUAL" --outgoing || return 1; fi
    tgt_admin --op bind --mode target --tid 1 -I ALL
}
tgt_account() {
    local account=$1 user secret; shift
    read -r user secret <<<"$account"
    tgt_admin --op new --mode account --user "$user" --password "$secret" && tgt_admin --op bind --mode account --tid 1 --user "$user" "$@"
}
# A child of another shell cannot be waited for: its port tells.
target_kill() { kill -9 "$(cat "$LABDIR/target.pid")"; until ! portal_open; do sleep 0.05; done; }
# It ignores SIGTERM.
target_stop() { target_kill; }
target_log() { tail -20 "$LABDIR/target.log"; }
