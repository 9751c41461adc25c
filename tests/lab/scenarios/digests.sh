# shows: the same with header and data digests (CRC32C)
# total: 100
. "$LAB/scenarios/disk.sh"
DIGESTS=CRC32C
TARGET_DIGESTS=CRC32C
