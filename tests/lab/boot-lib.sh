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

# boot_guest NUMBER FUNCTION [KERNEL ARGUMENT...]: boots a guest, which runs a function of the scenario, and waits for its end. Returns its status.
boot_guest() {
    local number=$1 function=$2 run=$LABDIR/run$1 began=$SECONDS n arguments=() addresses='' console='con0=null,fd:1' status; shift 2
    rm -rf "$run"; mkdir "$run"
    for n in $(networks_of "$number"); do
        arguments+=("vec$((${#arguments[@]})):transport=tap,ifname=labtap$n,depth=128,gro=1"); addresses+="${addresses:+,}10.9.$n.2/24"
    done
    guest_environment "$number" "$function" >"$run/env"
    [ -n "$LAB_KEEP" ] && [ "$number" = 1 ] && console='con0=fd:0,fd:1'
    timeout --foreground -k 3 "$LAB_LIMIT" "$LAB_KERNEL" mem="$LAB_MEMORY" umid="lab$number" uml_dir="$run" root=/dev/root rootfstype=hostfs rootflags=/ ro \
        init="$LAB/uml-init" LAB="$LAB" LABRUN="$run" LABSHARE="$LABDIR/share" LABIP="$addresses" "${arguments[@]}" "$@" \
        con=null "$console" quiet loglevel="${LAB_LOGLEVEL:-3}"
    status=$?
    [ -s "$run/status" ] && return "$(cat "$run/status")"
    [ $((SECONDS - began)) -ge "$LAB_LIMIT" ] || return 125
    echo "lab: time limit of $LAB_LIMIT s" >&2; return 124
}

guest_environment() {
    GUEST=$1 GUEST_FUNCTION=$2 PORTAL=10.9.$1.1:3260
    declare -p GUEST GUEST_FUNCTION PORTAL IQN LAB LAB_SCENARIO LAB_TARGET LAB_TGTD LAB_FAULT LAB_KEEP TARGET_CHAP_ALGORITHMS | sed 's/^declare -[-a-z]* //'
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
