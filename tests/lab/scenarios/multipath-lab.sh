# shows: the same on the lab kernel
# kernel: lab
# needs: fio dmsetup
# total: 240
. "$LAB/scenarios/multipath.sh"
