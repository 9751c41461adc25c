# One disk; the initiator must authenticate itself.
TARGET_CHAP='bob secretsecret1'
target_start
