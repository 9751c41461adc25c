# shows: the same over the sockets of .NET instead of the daemon's own event loops
# total: 100
. "$LAB/scenarios/crash.sh"
TARGET_TRANSPORT='engine = "socket"'
