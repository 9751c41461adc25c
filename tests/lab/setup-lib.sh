# For the part of a scenario that runs beside the target. A file of targets/ gives:
#   target_start   starts the target with TARGET_* below and returns when initiators can log in
#   target_kill    ends it as a crash would (SIGKILL); target_start starts it again on the same data
#   target_stop    ends it politely
#   target_log     prints the end of its log
#   TARGET_CHAP_ALGORITHMS  what it can do, as open-iscsi names them
IQN=iqn.2026-01.lab:t1
PORTAL=10.9.1.1:3260
TARGET_IMAGE=$LABDIR/disk.img      # LUN 1
TARGET_SIZE_MIB=200
TARGET_CHAP=''                     # 'user secret': what the initiator must know
TARGET_CHAP_MUTUAL=''              # 'user secret': what the target answers with
TARGET_DIGESTS=None                # or CRC32C: what a target that must be told so prefers
TARGET_LISTEN=''                   # a portal other than ours in each network
TARGET_STORE=''                    # more options of the disk's store (TOML)
TARGET_FAULT=${LAB_FAULT:-}        # a rule of store-fault, which then stands on the disk's store
TARGET_TRANSPORT=''                # more options of the transport (TOML)
GUESTS=1                           # initiators, each in a network of its own
PATHS=1                            # networks of the only guest

# What a scenario defines: guest, and if need be setup (before the guests), verify (after them), or drive (instead of all).
setup() { target_start; }
verify() { true; }

# await_signal NAME: until the guest calls signal NAME. The file system between them has no events.
await_signal() { until [ -e "$LABDIR/share/$1" ]; do sleep 0.05; done; }
# await COMMAND...: ten seconds.
await() { await_for 10 "$@"; }
# await_for SECONDS COMMAND...
await_for() {
    local until=$((SECONDS + $1)); shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $until ] || { echo "lab: waited in vain for: $*" >&2; return 1; }
        sleep 0.05
    done
}
# portal_open [ADDRESS:PORT]: whether somebody listens there; the target, if nothing else is said.
portal_open() {
    local portal=${1:-${TARGET_LISTEN:-$PORTAL}}
    (exec 3<>"/dev/tcp/${portal%:*}/${portal##*:}") 2>/dev/null
}
