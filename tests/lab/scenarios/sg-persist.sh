# shows: every service action of PERSISTENT RESERVE IN and OUT by sg_persist, every type of reservation
# needs: sg_persist
# total: 120

p() { ok sg_persist -n "$@" /dev/sda; }

# The TransportID of the other session, as the daemon names it once it is registered; and not registered any more.
port_of_other() {
    sg_persist -n -o --register --param-sark=0x77 /dev/sdb >/dev/null && sg_persist -n -i -s /dev/sdb | grep -A 6 'Key=0x77' | sed -n 's/.*port id: //p' &&
        sg_persist -n -o --register --param-rk=0x77 --param-sark=0 /dev/sdb >/dev/null
}

guest() {
    local type other
    initiator_up
    must discover
    ok node_set node.session.nr_sessions 2
    must login
    must wait_for test -b /dev/sdb
    p -i -c
    says 'Compatible Reservation Handling'
    says 'Persist Through Power Loss Capable.*1'
    p -i -k
    says 'NO registered'
    p -o --register --param-sark=0x1234
    p -o --register --param-rk=0x1234 --param-sark=0x5678 --param-aptpl
    p -o --register-ignore --param-sark=0x1234
    refused sg_persist -n -o --register --param-rk=0x9999 --param-sark=0x1 /dev/sda
    p -i -k
    says '0x1234'
    for type in 1 3 5 6 7 8; do
        p -o --reserve --param-rk=0x1234 --prout-type=$type
        p -i -r
        says 'Key ?= ?0x|0x1234|scope: LU_SCOPE'
        p -i -s
        says 'Reservation holder|All target ports bit clear'
        p -o --release --param-rk=0x1234 --prout-type=$type
    done
    refused sg_persist -n -o --reserve --param-rk=0x1234 --prout-type=2 /dev/sda
    p -o --reserve --param-rk=0x1234 --prout-type=1
    refused sg_persist -n -o --release --param-rk=0x1234 --prout-type=3 /dev/sda
    p -o --preempt --param-rk=0x1234 --param-sark=0x1234 --prout-type=1
    p -o --preempt-abort --param-rk=0x1234 --param-sark=0x1234 --prout-type=1

    # To the other session, which need not be registered; the mover may stay so.
    other=$(port_of_other) || fault 'no other session'
    p -o --register-move --param-rk=0x1234 --param-sark=0xabcd --transport-id="$other" --relative-target-port=1
    p -i -r
    says '0xabcd'
    # Who is registered and holds nothing releases nothing, and is not refused (SPC-4 section 5.13.11.2.1).
    p -o --release --param-rk=0x1234 --prout-type=1
    p -i -r
    says '0xabcd'
    ok sg_persist -n -o --release --param-rk=0xabcd --prout-type=1 /dev/sdb
    p -i -r
    says 'NO reservation'
    p -o --clear --param-rk=0x1234
    p -i -k
    says 'NO registered'
    ok logout
}
