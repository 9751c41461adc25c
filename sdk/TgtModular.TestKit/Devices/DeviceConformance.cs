using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Storage;

namespace TgtModular.TestKit;

/// <summary>
/// What every device type must do. Inherit it in a test class, say what makes the unit, and the cases run against it: mandatory commands, the table and
/// every bit of every CDB against it, sense data, pages, aborts, resets, fuzzed CDBs. Stores of the unit are <see cref="MemoryBlockStore"/>s, which also
/// tell when they are asked for what they do not have.
/// </summary>
public abstract class DeviceConformance
{
    private readonly List<IDeviceServer> _servers = [];
    private readonly List<MemoryBlockStore> _stores = [];

    /// <summary>The test's context, set by the test framework.</summary>
    public TestContext TestContext { get; set; } = null!;

    /// <summary>The factory under test.</summary>
    protected abstract IDeviceTypeFactory Factory { get; }

    /// <summary>Options of the unit.</summary>
    protected virtual IReadOnlyDictionary<string, object> CreateOptions() => new Dictionary<string, object>();

    /// <summary>The store of a role.</summary>
    /// <param name="role">One of the factory's roles.</param>
    protected virtual MemoryBlockStore CreateStore(string role) => new(1 << 20, MemoryBlockStore.EveryAbility);

    /// <summary>A hang is a failure: no command takes so long.</summary>
    protected virtual TimeSpan Patience => TimeSpan.FromSeconds(30);

    /// <summary>Host of the device server; checked for leaks when the test ends.</summary>
    protected TestHost Host { get; } = new();

    /// <summary>Closes what the test made, then looks for leaks, and for calls that no store should see.</summary>
    [TestCleanup]
    public async Task CloseAsync()
    {
        foreach (IDeviceServer server in _servers) await server.DisposeAsync();
        Host.Dispose();
        string[] violations = [.. _stores.SelectMany(store => store.Violations)];
        Assert.IsEmpty(violations, string.Join("; ", violations));
    }

#pragma warning disable CS1591 // The names say what is tested.
    [TestMethod]
    public Task Table_MandatoryCommands_AreThere() => RunAsync(TableCases.Mandatory);

    [TestMethod]
    public Task Table_CommandsOfTheCore_AreLeftToIt() => RunAsync(TableCases.LeavesTheCoreItsOwn);

    [TestMethod]
    public Task Table_Rows_AreConsistent() => RunAsync(TableCases.RowsAreConsistent);

    [TestMethod]
    public Task Table_ReservedBits_AreNotLookedAt() => RunAsync(TableCases.ReservedBits);

    [TestMethod]
    public Task Table_WhatHasNoRow_IsInvalid() => RunAsync(TableCases.OthersAreInvalidAsync);

    [TestMethod]
    public Task Cdb_EveryBitNotLookedAt_IsRefusedWithItsPointer() => RunAsync(TableCases.BitsOutsideAsync);

    [TestMethod]
    public Task Cdb_EveryBitLookedAt_IsAnswered() => RunAsync(TableCases.BitsInsideAsync);

    [TestMethod]
    public Task Inquiry_StandardData_IsWellFormed() => RunAsync(PrimaryCases.StandardInquiryAsync);

    [TestMethod]
    public Task Inquiry_VitalProductData_IsThereAsListed() => RunAsync(PrimaryCases.VitalProductDataAsync);

    [TestMethod]
    public Task RequestSense_BothFormats_AreAnswered() => RunAsync(PrimaryCases.RequestSenseAsync);

    [TestMethod]
    public Task TestUnitReady_AnyTime_IsGoodOrNotReady() => RunAsync(PrimaryCases.TestUnitReadyAsync);

    [TestMethod]
    public Task ModeSense_AllPages_FillTheirData() => RunAsync(PrimaryCases.ModePagesAsync);

    [TestMethod]
    public Task LogSense_SupportedPages_AreThereAsListed() => RunAsync(PrimaryCases.LogPagesAsync);

    [TestMethod]
    public Task Geometry_WhenMade_IsPublished() => RunAsync(EndureCases.PublishesGeometry);

    [TestMethod]
    public Task Commands_Aborted_End() => RunAsync(EndureCases.AbortedAsync);

    [TestMethod]
    public Task Reset_AndLostNexuses_LeaveItUsable() => RunAsync(EndureCases.ResetAsync);

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public Task Commands_Fuzzed_AreAnswered(int seed) => RunAsync(fixture => EndureCases.FuzzAsync(fixture, seed));
#pragma warning restore CS1591

    private Task RunAsync(Action<DeviceFixture> test) => RunAsync(fixture =>
    {
        test(fixture);
        return Task.CompletedTask;
    });

    private async Task RunAsync(Func<DeviceFixture, Task> test)
    {
        Dictionary<string, IBackingStore> stores = [];
        foreach (string role in Factory.StoreRoles)
        {
            MemoryBlockStore store = CreateStore(role);
            _stores.Add(store);
            stores.Add(role, store);
        }

        TestUnit unit = new(stores) { MaximumTransferLength = 1 << 20 };
        OptionValues options = new(Factory.Options, CreateOptions());
        IDeviceServer server = await Factory.CreateAsync(new DeviceServerContext(unit, options, Host), CancellationToken.None);
        _servers.Add(server);
        await test(new DeviceFixture(server, Factory, unit, Host, Patience));
    }
}
