# One disk; when the guest says so the target is killed in mid-write, and started again a second and a half later.
target_start || return 1
( await_signal kill; target_kill; sleep 1.5; target_start && : >"$LABDIR/share/restarted"; wait ) &
