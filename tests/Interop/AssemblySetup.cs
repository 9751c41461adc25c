// Two at a time: the daemons, kernels and tools that the tests start want processors too.
[assembly: Parallelize(Workers = 2, Scope = ExecutionScope.MethodLevel)]
