# shows: a target that cannot prove itself is refused by the initiator; the right one is accepted
# total: 100
TARGET_CHAP='bob secretsecret1'
TARGET_CHAP_MUTUAL='target othersecret22'

guest() {
    initiator_up
    must discover
    ok node_set node.session.auth.authmethod CHAP
    ok node_set node.session.auth.username bob
    ok node_set node.session.auth.password secretsecret1
    ok node_set node.session.auth.username_in target
    ok node_set node.session.auth.password_in notthissecret
    refused login
    ok node_set node.session.auth.password_in othersecret22
    must login
    must wait_for disk_there
    ok dd if=/dev/sda of=/dev/null bs=1M count=4 iflag=direct
    ok logout
}
