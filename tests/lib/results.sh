# Reading trx files into rows "P|F|S <tab> name <tab> reason" and summing them up. Sourced by tests/run.

# One row per result. Data-driven tests may nest: only leaves count, and a test counts by its own outcome.
trx_rows() {
    awk -v project="$1" '
    function unescape(s) {
        gsub(/&lt;/, "<", s); gsub(/&gt;/, ">", s); gsub(/&quot;/, "\"", s); gsub(/&apos;/, "\047", s)
        gsub(/&#x[dD];/, "", s); gsub(/&#x[aA];/, "\n", s); gsub(/&#x9;/, " ", s); gsub(/&amp;/, "\\&", s)
        return s
    }
    function attribute(tag, name,   at, rest) {
        at = index(tag, " " name "=\""); if (!at) return ""
        rest = substr(tag, at + length(name) + 3); return unescape(substr(rest, 1, index(rest, "\"") - 1))
    }
    function flat(s) { gsub(/\t/, " ", s); gsub(/\r/, "", s); gsub(/\n/, "\\n", s); return s }
    function emit(   code) {
        if (test == "") return
        code = outcome == "Passed" ? "P" : (outcome == "NotExecuted" || outcome == "Inconclusive" || outcome == "Skipped" ? "S" : "F")
        printf "%s\t%s\t%s\n", code, flat(project ": " test), flat(message (code == "F" && stack != "" ? "\n" stack : "")); test = ""
    }
    BEGIN { RS = "<"; test = "" }
    /^UnitTestResult[ \t\n]/ {
        tag = $0; gsub(/[\n\t]/, " ", tag); test = attribute(tag, "testName"); outcome = attribute(tag, "outcome"); message = ""; stack = ""
        if (tag ~ /\/> *$/) emit()
        next
    }
    /^InnerResults>/ { test = ""; next }
    /^Message>/ { if (message == "") { message = unescape(substr($0, 9)) } next }
    /^StackTrace>/ {
        n = split(unescape(substr($0, 12)), lines, "\n"); stack = ""; kept = 0
        for (i = 1; i <= n && kept < 4; i++) if (lines[i] !~ /System\.Reflection|InvokeStub/) { stack = stack (kept++ ? "\n" : "") lines[i] }
        next
    }
    /^\/UnitTestResult>/ { emit() }
    ' "$2"
}

# Rows of one project, with a row more when its process ended badly for a reason no test result tells.
collect_project() {
    local name=$1 dir=$2 status=$3 limit=$4 unfinished
    [ -f "$dir/results.trx" ] && trx_rows "$name" "$dir/results.trx"
    unfinished=$(cat "$dir"/*/Sequence_*.xml "$dir"/Sequence_*.xml 2>/dev/null | tr '<' '\n' | sed -n '/^Test .*Completed="False"/s/.* Name="\([^"]*\)".*/\1/p' | sort -u | tr '\n' ' ')
    if [ "$status" = 124 ] || [ "$status" = 137 ]; then
        printf 'F\t%s: time limit\tnot done after %s s; running: %s\n' "$name" "$limit" "${unfinished:-unknown}"
    elif [ -n "$unfinished" ] && [ "$status" != 0 ]; then
        printf 'F\t%s: test process ended early\thung or crashed in: %s\\n%s\n' "$name" "$unfinished" "$(log_tail "$dir/log")"
    elif [ "$status" != 0 ] && ! { [ -f "$dir/results.trx" ] && trx_rows "$name" "$dir/results.trx" | grep -q '^F'; }; then
        printf 'F\t%s: test process\texit status %s\\n%s\n' "$name" "$status" "$(log_tail "$dir/log")"
    elif [ ! -f "$dir/results.trx" ] && [ -z "$filter" ]; then
        printf 'F\t%s: no test ran\t%s\n' "$name" "$(log_tail "$dir/log")"
    fi
}
# What the log of a process that went down says: the runtime's reason if there is one, else its last lines.
log_tail() {
    local reason='^(The active test run was aborted|Unhandled exception|Test host process crashed|Stack overflow|Fatal error)'
    if grep -qE "$reason" "$1"; then grep -A6 -E "$reason" "$1"; else tail -8 "$1"; fi | cut -c1-200 | tr '\t\r' '  ' | awk '{ printf "%s\\n", $0 }'
}

count_rows() { cat "${@:2}" 2>/dev/null | grep -c "^$1"; }
summary_line() {
    local name=$1; shift
    printf '%s %d passed, %d failed, %d skipped' "$name" "$(count_rows P "$@")" "$(count_rows F "$@")" "$(count_rows S "$@")"
}

print_rows() {
    grep -h "^$1" "${@:3}" 2>/dev/null | while IFS=$'\t' read -r _ name reason; do
        printf '%s %s\n' "$2" "$name"
        printf '%b\n' "${reason//\\\\/\\}" | head -60 | sed 's/^/    /'
    done
}

# Prints failed and skipped tests with their reasons, then the sum; the status says whether all is well.
report() {
    local files=("$results"/*/rows.tsv "$results/faults.tsv") passed failed skipped
    print_rows S 'SKIPPED' "${files[@]}"
    print_rows F 'FAILED' "${files[@]}"
    passed=$(count_rows P "${files[@]}"); failed=$(count_rows F "${files[@]}"); skipped=$(count_rows S "${files[@]}")
    if [ $((passed + failed)) = 0 ]; then echo 'no test ran'; fi
    printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}
