using Microsoft.VisualStudio.TestTools.UnitTesting;
using TgtModular.Storage;
using TgtModular.TestKit;

[assembly: Parallelize(Scope = ExecutionScope.MethodLevel)]

namespace ExamplePlugin.Tests;

/// <summary>What every store must do: bounds, edges, concurrency, cancellation, disposal, leaks. Say how an empty store is opened; the cases are inherited.</summary>
[TestClass]
public sealed class StoreTests : BlockStoreConformance
{
    /// <inheritdoc/>
    protected override IStoreFactory Factory { get; } = new StoreFactory();

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, object> CreateOptions(long size) => new Dictionary<string, object> { ["size"] = size };
}
