namespace TgtModular.Scsi.Primary.Tests;

[TestClass]
public sealed class InquiryTests
{
    private static readonly UnitIdentity Identity = new("disk", "TGT", "PROD", "42", "SN1", "id-1", null);

    [TestMethod]
    public async Task Standard_Fields_StandWhereTheStandardPutsThem()
    {
        using RowBench bench = Create(new StandardInquiry(PeripheralDeviceType.Tape, Identity, "OTHER") { Removable = true, Standards = [0x1234] });
        byte[] data = await bench.GoodAsync("12 00 00 0060 00");
        Assert.AreEqual("018006025B000002", Convert.ToHexString(data[..8]));
        Assert.AreEqual("TGT     PROD            42  ", System.Text.Encoding.ASCII.GetString(data[8..36]));
        Assert.AreEqual("00A0096004601234", Convert.ToHexString(data[58..66]));
        Assert.HasCount(data[4] + 5, data);
    }

    [TestMethod]
    public async Task Standard_AnyAllocationLength_CutsTheSameData()
    {
        using RowBench bench = Create(new StandardInquiry(PeripheralDeviceType.Block, Identity, "OTHER"));
        byte[] whole = await bench.GoodAsync("12 00 00 FFFF 00");
        for (int length = 0; length < 100; length++)
            CollectionAssert.AreEqual(whole[..Math.Min(length, whole.Length)], await bench.GoodAsync($"12 00 00 {length:X4} 00"));
    }

    [TestMethod]
    public async Task Standard_PageCodeWithoutEvpd_InvalidField()
    {
        using RowBench bench = Create(new StandardInquiry(PeripheralDeviceType.Block, Identity, "OTHER"));
        await bench.SenseAsync(Sense.InvalidFieldInCdb(2), "12 00 01 0060 00");
        await bench.SenseAsync(Sense.InvalidFieldInCdb(2), "12 01 C0 0060 00");
        await bench.SenseAsync(Sense.InvalidFieldInCdb(1, 1), "12 02 00 0060 00");
    }

    [TestMethod]
    public async Task Standard_OddIdentity_IsPrintableAscii()
    {
        UnitIdentity odd = new("disk", "TOOLONGVENDOR", "tab\tümlaut", "\0", "", "", null);
        using RowBench bench = Create(new StandardInquiry(PeripheralDeviceType.Block, odd, "OTHER"));
        byte[] data = await bench.GoodAsync("12 00 00 0060 00");
        Assert.IsTrue(data[8..36].All(letter => letter is >= 0x20 and <= 0x7E));
    }

    [TestMethod]
    public async Task SupportedPages_AreAscendingAndReadable()
    {
        using RowBench bench = Create(new StandardInquiry(PeripheralDeviceType.Block, Identity, "OTHER"));
        byte[] pages = await bench.GoodAsync("12 01 00 00FF 00");
        CollectionAssert.AreEqual(new byte[] { 0x00, 0x80, 0x83, 0x86 }, pages[4..]);
        foreach (byte code in pages[4..])
        {
            byte[] page = await bench.GoodAsync($"12 01 {code:X2} 00FF 00");
            Assert.AreEqual(code, page[1]);
            Assert.HasCount(page[3] + 4, page);
        }
    }

    [TestMethod]
    public void Pages_WrongAdditions_AreRefused()
    {
        VpdPageSet pages = new(PeripheralDeviceType.Block);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => pages.Add(0, _ => []));
        pages.Add(0xB0, _ => []);
        Assert.ThrowsExactly<ArgumentException>(() => pages.Add(0xB0, _ => []));
    }

    [TestMethod]
    [DataRow("id-1", "TGT     id-1")]
    [DataRow("TGT     0001", "TGT     0001")]
    public async Task Identification_T10Vendor_BeginsWithTheVendorOnce(string scsiId, string expected)
    {
        byte[] page = await IdentificationAsync(Identity with { ScsiId = scsiId }, new TestNexus());
        Assert.AreEqual("0201", Convert.ToHexString(page[4..6]));
        Assert.AreEqual(expected, System.Text.Encoding.ASCII.GetString(page[8..(8 + page[7])]));
    }

    [TestMethod]
    public async Task Identification_Iscsi_NamesPortAndTarget()
    {
        byte[] page = await IdentificationAsync(Identity with { Naa = (UInt128)6 << 124 }, new TestNexus());
        List<(byte Protocol, byte Type, byte[] Value)> found = Designators(page);
        CollectionAssert.AreEqual(new byte[] { 0x01, 0x03, 0x94, 0x98, 0xA8 }, found.Select(entry => entry.Type).ToArray());
        CollectionAssert.AreEqual(new byte[] { 0x02, 0x01, 0x51, 0x53, 0x53 }, found.Select(entry => entry.Protocol).ToArray());
        Assert.AreEqual(0x60, found[1].Value[0]);
        Assert.AreEqual("iqn.2026-11.org.example:target,t,0x0001", System.Text.Encoding.UTF8.GetString(found[3].Value).TrimEnd('\0'));
        Assert.IsTrue(found.Skip(3).All(entry => entry.Value.Length % 4 == 0 && entry.Value[^1] == 0));
    }

    [TestMethod]
    public async Task Identification_FibreChannel_NamesThePortByItsWwn()
    {
        TargetPortIdentity port = new("target", ProtocolIdentifier.FibreChannel, 7, 0, "2100001122334455");
        List<(byte Protocol, byte Type, byte[] Value)> found = Designators(await IdentificationAsync(Identity, new OtherNexus(port)));
        CollectionAssert.AreEqual(new byte[] { 0x01, 0x94, 0x93 }, found.Select(entry => entry.Type).ToArray());
        Assert.AreEqual("00000007", Convert.ToHexString(found[1].Value));
        Assert.AreEqual("2100001122334455", Convert.ToHexString(found[2].Value));
    }

    [TestMethod]
    public async Task Identification_NameTooLongForItsField_IsLeftOut()
    {
        TargetPortIdentity port = new(new string('x', 300), ProtocolIdentifier.Iscsi, 1, 1, new string('y', 300));
        List<(byte Protocol, byte Type, byte[] Value)> found = Designators(await IdentificationAsync(Identity, new OtherNexus(port)));
        CollectionAssert.AreEqual(new byte[] { 0x01, 0x94 }, found.Select(entry => entry.Type).ToArray());
    }

    private static RowBench Create(StandardInquiry standard) => new(InquiryCommand.Row(
        standard.Build, new VpdPageSet(standard.DeviceType).AddIdentification(standard.Identity, volatileCache: true)));

    private static async Task<byte[]> IdentificationAsync(UnitIdentity identity, INexusView nexus)
    {
        using RowBench bench = Create(new StandardInquiry(PeripheralDeviceType.Block, identity, "OTHER"));
        return await bench.GoodAsync("12 01 83 0FFF 00", nexus: nexus);
    }

    private static List<(byte Protocol, byte Type, byte[] Value)> Designators(byte[] page)
    {
        List<(byte Protocol, byte Type, byte[] Value)> found = [];
        for (int at = 4; at < page.Length; at += 4 + page[at + 3]) found.Add((page[at], page[at + 1], page[(at + 4)..(at + 4 + page[at + 3])]));
        return found;
    }

    private sealed class OtherNexus(TargetPortIdentity port) : INexusView
    {
        public TransportId Initiator { get; } = TransportId.ForFibreChannel(1);

        public TargetPortIdentity TargetPort => port;

        public IReadOnlyList<Lun> Luns => [];
    }
}
