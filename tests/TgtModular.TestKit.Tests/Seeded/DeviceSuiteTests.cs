using TgtModular.Devices;

namespace TgtModular.TestKit.Tests.Seeded;

/// <summary>The suite for device types is proven: each wrong device is caught by the case that is there for it, and the right one passes every case.</summary>
[TestClass]
public sealed class DeviceSuiteTests
{
    /// <summary>What these look at is the core's own code, which no device server can get wrong.</summary>
    private static readonly string[] OfTheCore = [nameof(DeviceConformance.Table_WhatHasNoRow_IsInvalid), nameof(DeviceConformance.Cdb_EveryBitNotLookedAt_IsRefusedWithItsPointer)];

    public static IEnumerable<object[]> Faults =>
    [
        Fault<WrongDevices.HasNoRequestSense>(nameof(DeviceConformance.Table_MandatoryCommands_AreThere)),
        Fault<WrongDevices.ReportsLunsItself>(nameof(DeviceConformance.Table_CommandsOfTheCore_AreLeftToIt)),
        Fault<WrongDevices.HasAShortCdb>(nameof(DeviceConformance.Table_Rows_AreConsistent)),
        Fault<WrongDevices.GivesDataItDoesNotAnnounce>(nameof(DeviceConformance.Table_Rows_AreConsistent)),
        Fault<WrongDevices.AcceptsAReservedBit>(nameof(DeviceConformance.Table_ReservedBits_AreNotLookedAt)),
        Fault<WrongDevices.AcceptsWhatSpc2Had>(nameof(DeviceConformance.Table_ReservedBits_AreNotLookedAt)),
        Fault<WrongDevices.HasARowAndNoCommand>(nameof(DeviceConformance.Cdb_EveryBitLookedAt_IsAnswered)),
        Fault<WrongDevices.HasARowThatThrows>(nameof(DeviceConformance.Cdb_EveryBitLookedAt_IsAnswered)),
        Fault<WrongDevices.RefusesABitWithoutSaying>(nameof(DeviceConformance.Cdb_EveryBitLookedAt_IsAnswered)),
        Fault<WrongDevices.HasAWrongInquiryLength>(nameof(DeviceConformance.Inquiry_StandardData_IsWellFormed)),
        Fault<WrongDevices.ShortensTheLengthWithTheData>(nameof(DeviceConformance.Inquiry_StandardData_IsWellFormed)),
        Fault<WrongDevices.IgnoresAPageCodeWithoutEvpd>(nameof(DeviceConformance.Inquiry_StandardData_IsWellFormed)),
        Fault<WrongDevices.HasAWrongPageLength>(nameof(DeviceConformance.Inquiry_VitalProductData_IsThereAsListed)),
        Fault<WrongDevices.AlwaysAnswersFixedSense>(nameof(DeviceConformance.RequestSense_BothFormats_AreAnswered)),
        Fault<WrongDevices.RefusesToSayWhetherItIsReady>(nameof(DeviceConformance.TestUnitReady_AnyTime_IsGoodOrNotReady)),
        Fault<WrongDevices.HasAWrongModeLength>(nameof(DeviceConformance.ModeSense_AllPages_FillTheirData)),
        Fault<WrongDevices.AnswersLogPagesItHasNot>(nameof(DeviceConformance.LogSense_SupportedPages_AreThereAsListed)),
        Fault<WrongDevices.SaysNothingOfItsGeometry>(nameof(DeviceConformance.Geometry_WhenMade_IsPublished)),
        Fault<WrongDevices.HangsWhenAborted>(nameof(DeviceConformance.Commands_Aborted_End)),
        Fault<WrongDevices.ChangesWithAReset>(nameof(DeviceConformance.Reset_AndLostNexuses_LeaveItUsable)),
        Fault<WrongDevices.EstablishesWhatIsNoAttention>(nameof(DeviceConformance.Commands_Fuzzed_AreAnswered)),
        Fault<WrongDevices.NamesNoNexusForAnAttention>(nameof(DeviceConformance.Commands_Fuzzed_AreAnswered)),
        Fault<WrongDevices.LeaksABuffer>(nameof(DeviceConformance.TestUnitReady_AnyTime_IsGoodOrNotReady)),
        Fault<WrongDevices.SaysMoreThanThereIsRoomFor>(nameof(DeviceConformance.Inquiry_StandardData_IsWellFormed)),
    ];

    public static IEnumerable<object[]> Cases => SuiteRunner.CasesOf(typeof(DeviceConformance));

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public async Task RightDevice_Passes(string name) => Assert.IsNull(await SuiteRunner.RunAsync(() => new SeededDeviceSuite(context => new SeededDevice(context)), name));

    [TestMethod]
    [DynamicData(nameof(Faults))]
    public async Task WrongDevice_IsCaught(Type device, string caught)
    {
        string? failure = await SuiteRunner.RunAsync(() => new SeededDeviceSuite(context => (IDeviceServer)Activator.CreateInstance(device, context)!), caught);

        Assert.IsNotNull(failure, $"{device.Name} passes {caught}");
    }

    [TestMethod]
    public void EveryCase_HasAFaultItCatches()
    {
        string[] unproven = [.. Cases.Select(row => (string)row[0]).Except(Faults.Select(fault => (string)fault[1])).Except(OfTheCore)];
        Assert.IsEmpty(unproven, string.Join(", ", unproven));
    }

    private static object[] Fault<TDevice>(string caught)
        where TDevice : IDeviceServer => [typeof(TDevice), caught];
}
