# Finding and ending what a test run started. Sourced by tests/run.

# Every process that carries this run's mark in its environment. This shell does not: the mark was set after it began.
marked_processes() {
    local environment pid
    for environment in /proc/[0-9]*/environ; do
        pid=${environment#/proc/}; pid=${pid%/environ}
        if grep -qsz "^TGT_TEST_RUN=$TGT_TEST_RUN\$" "$environment"; then printf '%s\n' "$pid"; fi
    done
}

command_line() { tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline" | cut -c1-120; }
is_build_server() { command_line "$1" | grep -qE 'VBCSCompiler|/nodemode'; }
alive() { case $(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null) in ''|Z|X) return 1 ;; esac; }

# Ends them and prints what they were; the compiler's server is expected and not mentioned.
end_marked_processes() {
    local pid
    for pid in $(marked_processes); do
        alive "$pid" || continue
        is_build_server "$pid" || printf '%s(process %s); ' "$(command_line "$pid")" "$pid"
        kill -9 "$pid" 2>/dev/null
    done
}
