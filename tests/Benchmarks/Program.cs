using System.CommandLine;
using TgtModular.Benchmarks.Compare;
using TgtModular.Benchmarks.Micro;

RootCommand root = new("Measures targets against each other, and the parts of ours.") { CompareCommand.Create(), PartsCommand.Create() };
return await root.Parse(args).InvokeAsync();
