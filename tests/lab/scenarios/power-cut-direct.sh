# shows: the same with a store that goes past the page cache
# total: 1000
# needs: mkfs.ext4
. "$LAB/scenarios/power-cut.sh"
TARGET_STORE='cache = "direct"'
