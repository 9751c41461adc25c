# One disk; both sides must authenticate themselves.
TARGET_CHAP='bob secretsecret1'
TARGET_CHAP_MUTUAL='target othersecret22'
target_start
