# shows: the same with header and data digests (CRC32C)
# limit: 100
. "$LAB/scenarios/disk.sh"
DIGESTS=CRC32C
TARGET_DIGESTS=CRC32C
