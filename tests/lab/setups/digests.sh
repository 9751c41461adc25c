# One disk; the guest asks for header and data digests.
GUEST_ENV='DIGESTS=CRC32C'
target_start
