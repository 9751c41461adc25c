# shows: persistent reservations of two initiators: conflict, registrants only, preempt, preempt and abort, release with its unit attention
# needs: sg_persist sg_turs sg_requests
# total: 120
GUESTS=2

guest() {
    connected
    if [ "$GUEST" = 1 ]; then first; else second; fi
    ok logout
}

# Each step of one side is announced to the other; 'step N' and 'after N' keep them apart.
step() { signal "step-$1"; }
after() { await_signal "step-$1"; }

register() { ok sg_persist -n -o --register --param-sark="$1" /dev/sda; }
try_write() { dd if=/dev/zero of=/dev/sda bs=4k count=1 seek=8 oflag=direct; }
try_read() { dd if=/dev/sda of=/dev/null bs=4k count=1 skip=8 iflag=direct; }

first() {
    register 0xa
    ok sg_persist -n -o --reserve --param-rk=0xa --prout-type=1 /dev/sda
    step reserved
    after conflicted
    ok sg_persist -n -o --release --param-rk=0xa --prout-type=1 /dev/sda
    ok sg_persist -n -o --reserve --param-rk=0xa --prout-type=6 /dev/sda # exclusive access, registrants only
    step registrants
    after registered
    ok try_write
    ok sg_persist -n -o --release --param-rk=0xa --prout-type=6 /dev/sda
    step released
    after preempted
    refused try_write
    refused sg_persist -n -o --reserve --param-rk=0xa --prout-type=1 /dev/sda
    step lost
    after cleared
    ok try_write
}

second() {
    after reserved
    ok sg_persist -n -i -r /dev/sda
    says 'Write Exclusive'
    refused try_write
    ok try_read
    step conflicted
    after registrants
    refused try_read
    refused try_write
    register 0xb
    ok try_read
    ok try_write
    step registered
    after released
    # RESERVATIONS RELEASED is established for the other registrants (SPC-5 section 5.14.11.2.2).
    refused sg_turs -v /dev/sda
    says 'Reservations released'
    ok sg_persist -n -o --preempt --param-rk=0xb --param-sark=0xa --prout-type=3 /dev/sda
    ok sg_persist -n -i -k /dev/sda
    says '0xb'
    says_not '0xa$'
    ok sg_persist -n -o --reserve --param-rk=0xb --prout-type=3 /dev/sda
    step preempted
    after lost
    ok sg_persist -n -o --preempt-abort --param-rk=0xb --param-sark=0xb --prout-type=3 /dev/sda
    ok sg_persist -n -o --clear --param-rk=0xb /dev/sda
    ok sg_persist -n -i -k /dev/sda
    says 'there are NO registered'
    step cleared
}
