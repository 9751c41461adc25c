# For the guest's part of a scenario: steps that count failures, and the initiator. PORTAL and IQN are set; GUEST is the guest's number.

failures=0
note() { printf '[%6.2f] %s\n' "$(cut -d' ' -f1 /proc/uptime)" "$*"; }

# ok COMMAND...: a step that must succeed; refused COMMAND...: one that must not. What it printed is left in /tmp/step.
ok() {
    "$@" >/tmp/step 2>&1; local status=$?
    if [ $status = 0 ]; then note "ok      $*"; else fault "$* (status $status)"; fi
}
refused() { if "$@" >/tmp/step 2>&1; then fault "not refused: $*"; else note "refused $*"; fi; }
# says PATTERN: whether the last step printed it.
says() { if grep -qiE -- "$1" /tmp/step; then note "ok      it says $1"; else fault "it does not say '$1'"; fi; }
says_not() { if grep -qiE -- "$1" /tmp/step; then fault "it says '$1'"; fi; }
fault() { note "FAILED  $*"; failures=$((failures + 1)); sed 's/^/    | /' /tmp/step | tail -12; return 1; }
finish() {
    if [ $failures != 0 ]; then echo '--- kernel log (end)'; dmesg | tail -15; fi
    exit $((failures != 0))
}
# must COMMAND...: as ok, but what follows would make no sense without it.
must() { ok "$@" || finish; }

# initiator_up [CONFIGURATION]: modules, iscsid and its files. The parser wants spaces around '='.
initiator_up() {
    local module
    for module in iscsi_tcp crc32c_generic sd_mod sg; do modprobe $module 2>/dev/null; done
    mount -t tmpfs iscsi /etc/iscsi; mkdir -p /run/lock/iscsi
    cat >/etc/iscsi/iscsid.conf <<CONFIGURATION
node.startup = manual
node.session.timeo.replacement_timeout = 20
node.conn[0].timeo.noop_out_interval = 5
node.conn[0].timeo.noop_out_timeout = 5
${1:-}
CONFIGURATION
    echo "InitiatorName=${INITIATOR:-iqn.2026-01.lab:guest$GUEST}" >/etc/iscsi/initiatorname.iscsi
    iscsid -f >/tmp/iscsid.log 2>&1 &
    wait_for iscsid_answers
}
iscsid_answers() { iscsiadm -m session >/tmp/answer 2>&1 || grep -q 'No active sessions' /tmp/answer; }

# wait_for COMMAND...: for what has no event to wait on in here (no udev); ten seconds.
wait_for() { local i; for i in $(seq 100); do "$@" >/dev/null 2>&1 && return 0; sleep 0.1; done; echo "waited in vain for: $*"; return 1; }
disk_there() { [ -b /dev/sda ] && blockdev --getsize64 /dev/sda >/dev/null; }
disk_gone() { [ ! -e /dev/sda ]; }

discover() { iscsiadm -m discovery -t sendtargets -p "$PORTAL"; }
login() { iscsiadm -m node -T "$IQN" -p "$PORTAL" -l; }
logout() { iscsiadm -m node -T "$IQN" -p "$PORTAL" -u; }
node_set() { iscsiadm -m node -T "$IQN" -p "$PORTAL" -o update -n "$1" -v "$2"; }
drop_caches() { echo 3 >/proc/sys/vm/drop_caches; }

# The usual beginning: initiator, discovery, login, disk.
connected() {
    initiator_up
    must discover
    must login
    must wait_for disk_there
}

# verified_load SECONDS [DEVICE]: fio at depth 32 with mixed block sizes; everything written is read again and checked.
# With JOBS and HALF (0% or 50%), as many jobs, each with its part of this half of the device.
verified_load() {
    local part=(--size=100%)
    [ -z "${JOBS:-}" ] || part=(--numjobs="$JOBS" --offset="$HALF" --offset_increment=$((50 / JOBS))% --size=$((50 / JOBS))%)
    fio --name=load --filename="${2:-/dev/sda}" --direct=1 --ioengine=libaio --iodepth=32 --rw=randrw --bsrange=512-256k --blockalign=512 \
        --verify=crc32c --verify_fatal=1 --verify_backlog=64 --verify_state_save=0 --time_based --runtime="$1" "${part[@]}" --aux-path=/tmp --minimal
}

# signal NAME: tells a waiting part of the setup (await_signal) to go on.
signal() { : >"/share/$1"; }
# await_signal NAME: until another guest, or the setup, says so.
await_signal() { until [ -e "/share/$1" ]; do sleep 0.05; done; }

written_sectors() { awk '{ print $7 }' "/sys/block/${1:-sda}/stat"; }
written() { [ "$(written_sectors "${2:-sda}")" -gt "$1" ]; }

# fill_and_compare CHECK...: mounts /dev/sda, copies, unmounts, checks with 'CHECK... /dev/sda', mounts again and compares.
fill_and_compare() {
    mkdir -p /mnt/d
    must mount /dev/sda /mnt/d
    ok cp -r /usr/share/doc/coreutils /usr/bin/perl /usr/bin/bash /mnt/d/
    ok dd if=/dev/urandom of=/mnt/d/random bs=1M count=40
    (cd /mnt/d && find . -type f -exec md5sum {} +) >/tmp/sums
    ok umount /mnt/d
    must drop_caches
    ok "$@" /dev/sda
    must mount -o ro /dev/sda /mnt/d
    cd /mnt/d && ok md5sum --quiet -c /tmp/sums; cd /
    ok cmp /usr/bin/perl /mnt/d/perl
    ok umount /mnt/d
}
