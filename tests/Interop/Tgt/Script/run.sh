# Runs a script of tgtadm and tgt-admin calls: each line, what it printed, and its exit status when that is not 0.
# Environment: TGT_IPC_SOCKET, D (directory of disks), PORT, PORT2, SID, TOOLS (where tools are looked for
# first), OUT (where it goes).
export PERL_HASH_SEED=0 PERL_PERTURB_KEYS=0 # tgt-admin prints in the order of its hashes
[ -n "$TOOLS" ] && PATH=$TOOLS:$PATH
[ -n "$OUT" ] && exec >"$OUT"
T() { tgtadm --lld iscsi --mode target --op "$@"; }
L() { tgtadm --lld iscsi --mode logicalunit --op "$@"; }
A() { tgtadm --lld iscsi --mode account --op "$@"; }
P() { tgtadm --lld iscsi --mode portal --op "$@"; }
K() { tgtadm --lld iscsi --mode lld --op "$@"; }
C() { tgtadm --lld iscsi --mode conn --op "$@"; }
S() { tgtadm --lld iscsi --mode sess --op "$@"; }
Y() { tgtadm --mode system --op "$@"; }
U() { L update --tid "$1" --lun "$2" --params "$3"; }
N() { T update --tid "$1" --name "$2" --value "$3"; }
while IFS= read -r line <&3; do
    echo "\$ $line"
    eval "$line" 2>&1
    status=$?
    [ $status = 0 ] || echo "=> $status"
done 3<"$1"
exit 0
