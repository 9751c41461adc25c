using Microsoft.VisualStudio.TestTools.UnitTesting;
using TgtModular.Storage;
using TgtModular.TestKit;

[assembly: Parallelize(Scope = ExecutionScope.MethodLevel)]

namespace Acme.Example.Tests;

/// <summary>What every store must do.</summary>
[TestClass]
public sealed class StoreTests : BlockStoreConformance
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("acme-");

    /// <inheritdoc/>
    protected override IStoreFactory Factory { get; } = new StoreFactory();

    /// <inheritdoc/>
    protected override bool KeepsDataWhenReopened => true;

    /// <summary>The file goes with its test.</summary>
    [TestCleanup]
    public void RemoveFile() => _directory.Delete(recursive: true);

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, object> CreateOptions(long size) =>
        new Dictionary<string, object> { ["path"] = Path.Combine(_directory.FullName, "disk"), ["size"] = size };
}
