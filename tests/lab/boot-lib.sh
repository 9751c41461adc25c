# Networks and guests; sourced by inside. Network N is 10.9.N.0/24: we are 10.9.N.1 on labtapN, a guest is 10.9.N.2.
# A scenario sets GUESTS (how many guests, each in a network of its own) or PATHS (how many networks its only guest has).

networks() { seq $((GUESTS > PATHS ? GUESTS : PATHS)); }

networks_up() {
    local n
    ip link set lo up || return 1
    for n in $(networks); do
        ip tuntap add dev "labtap$n" mode tap && ip addr add "10.9.$n.1/24" dev "labtap$n" && ip link set "labtap$n" up || return 1
    done
}

capture_start() {
    [ -n "$LAB_PCAP" ] || return 0
    tcpdump -Z root -i any -s 0 -U -w - tcp >&9 2>"$LABDIR/tcpdump.log" & capture=$!
    until grep -q listening "$LABDIR/tcpdump.log"; do sleep 0.05; done
}
capture_stop() { [ -z "${capture:-}" ] || { kill -INT "$capture"; wait "$capture"; }; }

# Networks of guest $1.
networks_of() { if [ "$PATHS" -gt 1 ]; then networks; else echo "$1"; fi; }

# boot_guest NUMBER FUNCTION: boots a guest, which runs a function of the scenario, and waits for its end. Returns its status.
# With GUEST_DISK, an image, the guest has a disk of its own (its $OWN_DISK).
boot_guest() {
    local number=$1 function=$2 run=$LABDIR/run$1 began=$SECONDS n addresses='' status
    rm -rf "$run"; mkdir "$run"
    for n in $(networks_of "$number"); do addresses+="${addresses:+,}10.9.$n.2/24"; done
    guest_environment "$number" "$function" >"$run/env"
    cp "$LAB_SCENARIO" "$run/scenario.sh" # it may lie where the guest has a tmpfs
    "${LAB_EMULATOR}_guest" "$number" "$run" LAB="$LAB" LABRUN="$run" LABSHARE="$LABDIR/share" LABIP="$addresses" LABEMULATOR="$LAB_EMULATOR" \
        LABMODULES="$LAB_MODULES" LABTREE="$(dirname "$(readlink -f "$LAB_TGTD")")" quiet loglevel="${LAB_LOGLEVEL:-3}"
    status=$?
    [ -s "$run/status" ] && return "$(cat "$run/status")"
    [ $((SECONDS - began)) -ge "$LAB_LIMIT" ] || { cat "$run/emulator.log" 2>/dev/null; return 125; }
    echo "lab: time limit of $LAB_LIMIT s" >&2; return 124
}

# kill_guest NUMBER: as pulling its plug.
kill_guest() { pkill -9 -f "(umid=|-name )lab$1 "; }

# Each emulator: NUMBER RUN ARGUMENT-OF-THE-KERNEL...
uml_guest() {
    local number=$1 run=$2 n devices=() console='con0=null,fd:1'; shift 2
    for n in $(networks_of "$number"); do devices+=("vec${#devices[@]}:transport=tap,ifname=labtap$n,depth=128,gro=1"); done
    [ -n "${GUEST_DISK:-}" ] && devices+=("ubd0=$GUEST_DISK")
    is_kept "$number" && console='con0=fd:0,fd:1'
    timeout --foreground -k 3 "$LAB_LIMIT" "$LAB_LINUX" mem="$LAB_MEMORY" umid="lab$number" uml_dir="$run" root=/dev/root rootfstype=hostfs rootflags=/ ro \
        init="$LAB/uml-init" LABNET=vec "$@" "${devices[@]}" con=null "$console"
}

# Two processors, each a thread here. Its console is our standard input and output.
qemu_guest() {
    local number=$1 run=$2 n devices=(); shift 2
    for n in $(networks_of "$number"); do
        devices+=(-netdev "tap,id=net$n,ifname=labtap$n,script=no,downscript=no" -device "virtio-net-pci,netdev=net$n,mac=52:54:00:09:0$n:02")
    done
    [ -n "${GUEST_DISK:-}" ] && devices+=(-drive "file=$GUEST_DISK,if=virtio,format=raw,cache=writeback")
    timeout --foreground -k 3 "$LAB_LIMIT" qemu-system-x86_64 -name "lab$number" -accel tcg,thread=multi -M q35 -cpu max -smp 2 \
        -m "$LAB_MEMORY" -nodefaults -no-user-config -display none -no-reboot -monitor none -chardev stdio,id=console,signal=off -serial chardev:console \
        -kernel "$LAB_LINUX" -initrd "$LAB_INITRD" -append "console=ttyS0 panic=-1 mitigations=off random.trust_cpu=on audit=0 net.ifnames=0 LABNET=eth $*" \
        -fsdev local,id=root,path=/,security_model=none,readonly=on,multidevs=remap -device virtio-9p-pci,fsdev=root,mount_tag=root \
        -fsdev local,id=run,path="$run",security_model=none -device virtio-9p-pci,fsdev=run,mount_tag=run \
        -fsdev local,id=share,path="$LABDIR/share",security_model=none -device virtio-9p-pci,fsdev=share,mount_tag=share \
        "${devices[@]}" 2>"$run/emulator.log" | if is_kept "$number"; then cat; else sed -u 's/\r$//'; fi
    return "${PIPESTATUS[0]}"
}

# inner_machine FILE MODULE...: an initial RAM disk for a virtual machine within a guest, on the kernel in $LAB_INNER, with these modules; it runs kernels/inner-init.
inner_machine() {
    local file=$1 root=$LABDIR/mem/inner release module; shift
    mkdir -p "$root/tree/modules" "$root/lib" && ln -s "$LAB_INNER/modules" "$root/lib/modules" && cp "$LAB/kernels/inner-init" "$root/tree/init" || return
    release=$(ls "$LAB_INNER/modules")
    for module in "$@"; do modprobe -d "$root" -S "$release" --show-depends "$module" || return; done | sed -n 's/^insmod \([^ ]*\).*/\1/p' |
        while read -r module; do cp "$module" "$root/tree/modules/" && basename "$module" >>"$root/tree/modules/more"; done
    # What the kernel finds in the second archive takes the place of what is in the first.
    (cat "$LAB_INNER/initrd"; cd "$root/tree" && find . | busybox cpio -o -H newc 2>/dev/null | gzip -1) >"$file"
}

is_kept() { [ -n "$LAB_KEEP" ] && [ "$1" = 1 ]; }

guest_environment() {
    local LAB_SCENARIO=/lab/scenario.sh
    GUEST=$1 GUEST_FUNCTION=$2 PORTAL=10.9.$1.1:3260
    case $LAB_EMULATOR in uml) OWN_DISK=/dev/ubda ;; *) OWN_DISK=/dev/vda ;; esac
    declare -p GUEST LAB_INNER GUEST_FUNCTION PORTAL OWN_DISK LAB_EMULATOR IQN LAB LAB_SCENARIO LAB_TARGET LAB_TGTD LAB_FAULT LAB_KEEP TARGET_CHAP_ALGORITHMS | sed 's/^declare -[-a-z]* //'
}

# All guests at once, the first with its output as it comes. Returns the first status that is not 0.
run_guests() {
    local n status=0 others=()
    for n in $(seq 2 "$GUESTS"); do
        boot_guest "$n" guest </dev/null >"$LABDIR/guest$n.log" 2>&1 & others+=($!)
    done
    if [ -n "$LAB_KEEP" ]; then boot_guest 1 guest; else boot_guest 1 guest </dev/null; fi
    status=$?
    for n in $(seq 2 "$GUESTS"); do
        wait "${others[n - 2]}" || { [ $status != 0 ] || status=1; }
        echo "--- guest $n"; cat "$LABDIR/guest$n.log"
    done
    return $status
}
