# shows: tgtd killed (kill -9) and started again 20 times under fio with verification: no mismatch
# needs: fio
# total: 600
RESTARTS=20

setup() {
    target_start || return 1
    ( await_signal load
      for n in $(seq $RESTARTS); do sleep 2; target_kill; sleep 0.5; target_start || break; echo "$n" >"$LABDIR/share/count"; done
      : >"$LABDIR/share/restarted" ) &
}

guest() {
    local rounds=0
    initiator_up 'node.session.timeo.replacement_timeout = 120
node.conn[0].timeo.login_timeout = 5'
    must discover
    must login
    must wait_for disk_there
    signal load
    until [ -e /share/restarted ]; do
        must verified_load 15
        rounds=$((rounds + 1))
    done
    note "$(cat /share/count) restarts in $rounds rounds"
    ok [ "$(cat /share/count)" = $RESTARTS ]
    ok verified_load 5
    ok logout
}
