# shows: no secret, a wrong secret and a wrong name are refused, the right one gets in, with each algorithm
# total: 100
TARGET_CHAP='bob secretsecret1'

guest() {
    local algorithm
    initiator_up
    must discover
    refused login
    ok node_set node.session.auth.authmethod CHAP
    ok node_set node.session.auth.username bob
    ok node_set node.session.auth.password wrongwrong123
    refused login
    says 'authentication|authorization'
    ok node_set node.session.auth.username eve
    ok node_set node.session.auth.password secretsecret1
    refused login
    ok node_set node.session.auth.username bob
    for algorithm in $TARGET_CHAP_ALGORITHMS; do
        ok node_set node.session.auth.chap_algs "$algorithm"
        must login
        must wait_for disk_there
        ok dd if=/dev/sda of=/dev/null bs=1M count=4 iflag=direct
        ok logout
        ok wait_for disk_gone
    done
}
