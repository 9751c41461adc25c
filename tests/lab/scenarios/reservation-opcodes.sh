# shows: every command that the disk lists, sent past a reservation: refused or carried out as SPC-4 and SBC-3 say, opcode by opcode
# needs: sg_persist sg_raw sg_opcodes
# total: 200

# OPCODE[/SERVICE ACTION] RULE DATA CDB: what the standards' tables of commands and reservations say (SPC-4 5.13.1, SBC-3 4.17).
# write: refused past any reservation; read: past Exclusive Access only; always: never; own: has rules and scenarios of its own.
# DATA: -o N bytes from the initiator, -i N bytes for it. LBA 2048, 8 blocks.
commands() {
    cat <<'COMMANDS'
00    always -     00 00 00 00 00 00
03    always -i18  03 00 00 00 12 00
04    write  -     04 00 00 00 00 00
08    read   -i4096 08 00 08 00 08 00
0a    write  -o4096 0a 00 08 00 08 00
12    always -i96  12 00 00 00 60 00
15    write  -o4   15 10 00 00 04 00
1a    read   -i192 1a 00 3f 00 c0 00
1b    always -     1b 00 00 00 01 00
1b    write  -     1b 00 00 00 00 00
1d    write  -     1d 04 00 00 00 00
1e    always -     1e 00 00 00 00 00
1e    write  -     1e 00 00 00 01 00
25    always -i8   25 00 00 00 00 00 00 00 00 00
28    read   -i4096 28 00 00 00 08 00 00 00 08 00
2a    write  -o4096 2a 00 00 00 08 00 00 00 08 00
2e    write  -o4096 2e 00 00 00 08 00 00 00 08 00
2f    read   -     2f 00 00 00 08 00 00 00 08 00
34    read   -     34 00 00 00 08 00 00 00 08 00
35    write  -     35 00 00 00 08 00 00 00 08 00
37    read   -i8   37 00 18 00 00 00 00 00 08 00
41    write  -o512 41 00 00 00 08 00 00 00 08 00
42    write  -o24  42 00 00 00 00 00 00 00 18 00
4d    always -i64  4d 00 40 00 00 00 00 00 40 00
55    write  -o8   55 10 00 00 00 00 00 00 08 00
5a    read   -i192 5a 00 3f 00 00 00 00 00 c0 00
88    read   -i4096 88 00 00 00 00 00 00 00 08 00 00 00 00 08 00 00
89    write  -o1024 89 00 00 00 00 00 00 00 08 00 00 00 00 01 00 00
8a    write  -o4096 8a 00 00 00 00 00 00 00 08 00 00 00 00 08 00 00
8b    write  -o4096 8b 00 00 00 00 00 00 00 08 00 00 00 00 08 00 00
8e    write  -o4096 8e 00 00 00 00 00 00 00 08 00 00 00 00 08 00 00
8f    read   -     8f 00 00 00 00 00 00 00 08 00 00 00 00 08 00 00
90    read   -     90 00 00 00 00 00 00 00 08 00 00 00 00 08 00 00
91    write  -     91 00 00 00 00 00 00 00 08 00 00 00 00 08 00 00
93    write  -o512 93 00 00 00 00 00 00 00 08 00 00 00 00 08 00 00
9e/10 always -i32  9e 10 00 00 00 00 00 00 00 00 00 00 00 20 00 00
9e/12 read   -i24  9e 12 00 00 00 00 00 00 08 00 00 00 00 18 00 00
a0    always -i64  a0 00 00 00 00 00 00 00 00 40 00 00
a3/c  read   -i64  a3 0c 00 00 00 00 00 00 00 40 00 00
a3/d  read   -i16  a3 0d 00 00 00 00 00 00 00 10 00 00
a8    read   -i4096 a8 00 00 00 08 00 00 00 00 08 00 00
aa    write  -o4096 aa 00 00 00 08 00 00 00 00 08 00 00
ae    write  -o4096 ae 00 00 00 08 00 00 00 00 08 00 00
af    read   -     af 00 00 00 08 00 00 00 00 08 00 00
b7    read   -i8   b7 18 00 00 00 00 00 00 00 08 00 00
16    own
17    own
56    own
57    own
5e/0  own
5e/1  own
5e/2  own
5e/3  own
5f/0  own
5f/1  own
5f/2  own
5f/3  own
5f/4  own
5f/5  own
5f/6  own
5f/7  own
COMMANDS
}

# A command that the disk lists and the table does not have would go untested.
all_known() {
    local listed
    listed=$(sg_opcodes -n /dev/sdb | sed -n 's/^ \([0-9a-f][0-9a-f]\) \{8\}\([0-9a-f ][0-9a-f]\) .*/\1\/\2/p; s/^ \([0-9a-f][0-9a-f]\)  *[0-9]* *[0-9],[0-9] .*/\1/p' | tr -d ' ')
    [ -n "$listed" ] || { echo 'sg_opcodes lists nothing'; return 1; }
    ! comm -23 <(sort -u <<<"$listed") <(commands | cut -d' ' -f1 | sort -u) | grep .
}

# send DATA CDB...: by the session that holds nothing. sg_raw's status 24 is RESERVATION CONFLICT.
send() {
    local data=$1; shift
    case $data in
        -o*) set -- -s "${data#-o}" -i /dev/zero /dev/sdb "$@" ;;
        -i*) set -- -r "${data#-i}" /dev/sdb "$@" ;;
        *) set -- /dev/sdb "$@" ;;
    esac
    sg_raw "$@" </dev/null
}
conflicts() { send "$@"; [ $? = 24 ]; }
# PRE-FETCH ends well with CONDITION MET, for which sg_raw has no status.
passes() { send "$@" >/tmp/sent 2>&1 || grep -q 'Condition Met' /tmp/sent; }

# past RULES: whatever has one of them must conflict, the rest must be done.
past() {
    local opcode rule data cdb
    while read -r opcode rule data cdb; do
        [ "$rule" = own ] && continue
        # shellcheck disable=SC2086
        case " $1 " in *" $rule "*) ok conflicts "$data" $cdb ;; *) ok passes "$data" $cdb ;; esac
    done < <(commands)
}

guest() {
    initiator_up
    must discover
    ok node_set node.session.nr_sessions 2
    must login
    must wait_for test -b /dev/sdb
    must all_known
    must sg_persist -n -o --register --param-sark=0xa /dev/sda
    must sg_persist -n -o --reserve --param-rk=0xa --prout-type=1 /dev/sda
    past 'write'
    must sg_persist -n -o --release --param-rk=0xa --prout-type=1 /dev/sda
    must sg_persist -n -o --reserve --param-rk=0xa --prout-type=3 /dev/sda
    past 'write read'
    must sg_persist -n -o --clear --param-rk=0xa /dev/sda
    ok logout
}
