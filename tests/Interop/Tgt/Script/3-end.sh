N 1 state offline
T show
N 1 state ready
N 1 state nosuch
T delete --tid 1
T delete --tid 2 --force
A delete --user out
A delete --user disc
A delete --user short
T show
tgt-admin -c $D/targets.conf -e
tgt-admin --show
tgt-admin --dump
tgt-admin -c $D/targets.conf -e
tgt-admin --offline iqn.2026-11.org.example:admin-one
tgt-admin --show | grep State
tgt-admin --ready iqn.2026-11.org.example:admin-one
tgt-admin --show | grep State
tgt-admin -c $D/targets.conf --update ALL
tgt-admin -c $D/targets.conf --update iqn.2026-11.org.example:admin-two
tgt-admin -c $D/targets2.conf --update ALL
tgt-admin --show
tgt-admin --delete iqn.2026-11.org.example:admin-two
tgt-admin --show | grep Target
tgt-admin --delete tid=1
A show
tgt-admin -c $D/targets.conf -e
tgt-admin --delete ALL
tgt-admin --show
