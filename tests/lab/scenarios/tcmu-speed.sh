# shows: tgtd behind the kernel's ring against a least handler in C and Debian's tcmu-runner, all on files in memory: IOPS in alternation, as ratios
# needs: fio gcc tcmu-runner dbus-daemon
# total: 600
# LAB_ROUNDS and LAB_SECONDS say how often and how long each load runs; the short form shows only that all three work.
# tcmu-runner of Debian has no handler of plain files: its qcow handler serves a raw image.
LAB_MEMORY=1500M
TARGET_SIZE_MIB=64

setup() {
    gcc -O2 -o "$LABDIR/share/tcmu-handler" "$LAB/tcmu-handler.c" || return 1
    echo "rounds=${LAB_ROUNDS:-1} seconds=${LAB_SECONDS:-1}" >"$LABDIR/share/settings"
}

guest() {
    . "$LAB/lio-lib.sh"
    . /share/settings
    lio_disk
    for image in handler runner; do must truncate -s ${TARGET_SIZE_MIB}M "/tmp/$image.img"; must dd if=/dev/zero of="/tmp/$image.img" bs=1M count="$TARGET_SIZE_MIB"; done
    must dd if=/dev/zero of=/dev/sda bs=1M count="$TARGET_SIZE_MIB" oflag=direct
    own_handler 1 handler lab/handler
    must start_handler
    export_disk 1 handler
    must wait_for test -b /dev/sdb
    must start_runner
    own_handler 2 runner qcow//tmp/runner.img
    must wait_for runner_serves
    export_disk 2 runner
    must wait_for test -b /dev/sdc
    printf '%-22s %10s %10s %10s   %s\n' load tgtd handler tcmu-runner 'tgtd to handler, to tcmu-runner'
    measure 'randread 4k depth 1' --rw=randread --bs=4k --iodepth=1
    measure 'randwrite 4k depth 1' --rw=randwrite --bs=4k --iodepth=1
    measure 'randread 4k depth 16' --rw=randread --bs=4k --iodepth=16
    measure 'randwrite 4k depth 16' --rw=randwrite --bs=4k --iodepth=16
    measure 'read 256k depth 4' --rw=read --bs=256k --iodepth=4
    measure 'write 256k depth 4' --rw=write --bs=256k --iodepth=4
    kill "$handler" "$runner"
    lio_stop
}

# own_handler NUMBER NAME CONFIGURATION: a backend as the daemon makes its own.
own_handler() {
    local backend=$LIO/core/user_$1/$2
    must mkdir -p "$backend"
    echo -n "dev_config=$3,dev_size=$((TARGET_SIZE_MIB << 20)),hw_block_size=512,hw_max_sectors=2048,max_data_area_mb=64" >"$backend/control"
    # While tcmu-runner starts, it has the kernel refuse changes (EAGAIN).
    must wait_for eval "echo 1 >$backend/enable"
}
export_disk() {
    local port=$LIO/loopback/naa.500140500000010$1
    must mkdir -p "$port/tpgt_1/lun/lun_0"
    must eval "echo naa.600140500000010$1 >$port/tpgt_1/nexus"
    must ln -s "$LIO/core/user_$1/$2" "$port/tpgt_1/lun/lun_0/x"
}
uio_of() { grep -l "/$1/" /sys/class/uio/*/name | cut -d/ -f5; }
start_handler() { /share/tcmu-handler "$(uio_of handler)" /tmp/handler.img 2>/tmp/handler.log & handler=$!; }
start_runner() {
    mkdir -p /run/dbus /var/log && dbus-daemon --system --fork && wait_for test -S /run/dbus/system_bus_socket || return
    tcmu-runner -l /tmp >/tmp/runner.log 2>&1 & runner=$!
    wait_for grep -q 'Inotify is watching\|starting\|handler' /tmp/tcmu-runner.log
}
runner_serves() { ls -l "/proc/$runner/fd" | grep -q /dev/uio; }

# measure NAME ARGUMENT...: medians of the rounds.
measure() {
    local name=$1 round disk; shift
    rm -f /tmp/iops.*
    for round in $(seq "$rounds"); do
        for disk in sda sdb sdc; do iops /dev/$disk "$@" >>/tmp/iops.$disk || fault "fio on $disk"; done
    done
    printf '%-22s %10d %10d %10d   %s\n' "$name" "$(median sda)" "$(median sdb)" "$(median sdc)" \
        "$(awk -v a="$(median sda)" -v b="$(median sdb)" -v c="$(median sdc)" 'BEGIN { printf "%.2f %.2f", a / b, a / c }')"
}
iops() {
    local disk=$1; shift
    fio --name=x --filename="$disk" --direct=1 --ioengine=libaio --runtime="$seconds" --time_based --aux-path=/tmp --output-format=terse "$@" 2>/tmp/fio.log |
        awk -F';' '$3 == "x" { print int($8 + $49); found = 1 } END { exit !found }'
}
median() { sort -n "/tmp/iops.$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
