// Two at a time: each has a kernel, a daemon and perhaps a generator of load.
[assembly: Parallelize(Workers = 2, Scope = ExecutionScope.MethodLevel)]
