using System.CommandLine;
using TgtModular.Benchmarks.Compare;

RootCommand root = new("Measures targets against each other.") { CompareCommand.Create() };
return await root.Parse(args).InvokeAsync();
