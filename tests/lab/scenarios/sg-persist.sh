# shows: every service action of PERSISTENT RESERVE IN and OUT by sg_persist, every type of reservation
# needs: sg_persist
# total: 120

p() { ok sg_persist -n "$@" /dev/sda; }

guest() {
    local type
    connected
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
    p -o --clear --param-rk=0x1234
    p -i -k
    says 'NO registered'
    ok logout
}
