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
GUESTS=1                           # initiators, each in a network of its own
PATHS=1                            # networks of the only guest

# What a scenario defines: guest, and if need be setup (before the guests), verify (after them), or drive (instead of all).
setup() { target_start; }
verify() { true; }

# await_signal NAME: until the guest calls signal NAME. The file system between them has no events.
await_signal() { until [ -e "$LABDIR/share/$1" ]; do sleep 0.05; done; }
# await COMMAND...: ten seconds.
await() { local i; for i in $(seq 200); do "$@" >/dev/null 2>&1 && return 0; sleep 0.05; done; echo "lab: waited in vain for: $*" >&2; return 1; }
portal_open() { (exec 3<>"/dev/tcp/${PORTAL%:*}/${PORTAL##*:}") 2>/dev/null; }
