# Writes each block of C# that begins with "// NAME.cs" to a file of that name; compilers then point at the guide.
/^```csharp$/ { inside = 1; next }
/^```/ { inside = 0; file = ""; next }
inside == 1 && match($0, /^\/\/ [A-Za-z\/]+\.cs$/) {
    file = $0; sub(/^\/\/ /, "", file); sub(/^.*\//, "", file); file = to file
    printf "#line %d \"%s\"\n", FNR + 1, FILENAME > file
    inside = 2; next
}
inside == 1 { inside = 0 }
inside == 2 && file != "" { print > file }
