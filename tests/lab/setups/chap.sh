# One disk; the initiator must authenticate itself.
TARGET_CHAP='bob secretsecret1'
GUEST_ENV="CHAP_ALGORITHMS='$TARGET_CHAP_ALGORITHMS'"
target_start
