# One disk; the guest asks for header and data digests.
TARGET_DIGESTS=CRC32C
GUEST_ENV='DIGESTS=CRC32C'
target_start
