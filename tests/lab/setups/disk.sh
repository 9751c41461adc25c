# One disk, no authentication.
target_start
