namespace TgtModular.Scsi.Primary.Tests;

[TestClass]
public sealed class ModeTests
{
    [TestMethod]
    public async Task Sense6_OnePage_HeaderAndPage()
    {
        await using ModeBench bench = await ModeBench.CreateAsync();
        Assert.AreEqual("08 00 90 00 81 03 10 20 30", Text(await bench.GoodAsync("1A 08 01 00 FF 00")));
        Assert.AreEqual("09 00 90 00 42 05 00 02 77 88", Text(await bench.GoodAsync("1A 08 02 05 FF 00")));
    }

    [TestMethod]
    [DataRow("1A 08 01 00 FF 00", "10 20 30")]
    [DataRow("1A 08 41 00 FF 00", "00 FF 0F")]
    [DataRow("1A 08 81 00 FF 00", "10 20 30")]
    [DataRow("1A 08 C1 00 FF 00", "10 20 30")]
    public async Task Sense6_PageControl_ChoosesTheValues(string cdb, string values)
    {
        await using ModeBench bench = await ModeBench.CreateAsync();
        Assert.AreEqual(values, Text((await bench.GoodAsync(cdb))[6..]));
    }

    [TestMethod]
    [DataRow("01 00", "81")]
    [DataRow("02 FF", "02 C2/05")]
    [DataRow("02 05", "C2/05")]
    [DataRow("3F 00", "81 02")]
    [DataRow("3F FF", "81 02 C2/05")]
    public async Task Sense6_PageSelection_AscendingWithSubpagesWhereAsked(string selection, string pages)
    {
        await using ModeBench bench = await ModeBench.CreateAsync(subpageSavable: true);
        byte[] data = await bench.GoodAsync($"1A 08 {selection} FF 00");
        List<string> found = [];
        for (int at = 4; at < data.Length;)
        {
            bool subpage = (data[at] & 0x40) != 0;
            found.Add(subpage ? $"{data[at]:X2}/{data[at + 1]:X2}" : $"{data[at]:X2}");
            at += subpage ? 4 + data[at + 3] : 2 + data[at + 1];
        }

        Assert.AreEqual(pages, string.Join(' ', found));
    }

    [TestMethod]
    public async Task Sense_UnknownPages_InvalidFieldAtCodeOrSubcode()
    {
        await using ModeBench bench = await ModeBench.CreateAsync();
        await bench.SenseAsync(Sense.InvalidFieldInCdb(2, 5), "1A 08 1D 00 FF 00");
        await bench.SenseAsync(Sense.InvalidFieldInCdb(3), "1A 08 01 07 FF 00");
        await bench.SenseAsync(Sense.InvalidFieldInCdb(3), "1A 08 3F 07 FF 00");
        await bench.SenseAsync(Sense.InvalidFieldInCdb(2, 5), "5A 08 1D 00 000000 00FF 00");
    }

    [TestMethod]
    public async Task Sense10_LongHeader()
    {
        await using ModeBench bench = await ModeBench.CreateAsync();
        Assert.AreEqual("00 0B 00 90 00 00 00 00 81 03 10 20 30", Text(await bench.GoodAsync("5A 08 01 00 000000 00FF 00")));
    }

    [TestMethod]
    [DataRow("15 10 0000 09 00", "00 00 00 00")]
    [DataRow("55 10 0000000000 000D 00", "00 00 00 00 00 00 00 00")]
    public async Task Select_ChangeableBits_TakeEffect(string cdb, string header)
    {
        await using ModeBench bench = await ModeBench.CreateAsync();
        await bench.GoodAsync(cdb, $"{header} 01 03 10 5A 3F");
        Assert.AreEqual("10 5A 3F", Text(bench.Current(1, 0)));
        Assert.AreEqual("10 20 30", Text(bench.Page(1, 0).Saved.ToArray()));
        Assert.AreEqual(1, bench.Owner.Changes);
        Assert.AreEqual(UnitAttentionScope.AllButOne, bench.Unit.Attentions.Single().Scope);
    }

    [TestMethod]
    [DataRow("01 03 11 20 30", 6, null)]
    [DataRow("01 03 10 20 B0", 8, null)]
    [DataRow("01 03 10 EE 30", 7, null)]
    [DataRow("01 02 10 20", 5, null)]
    [DataRow("1D 03 10 20 30", 4, 5)]
    [DataRow("41 05 00 02 77 88", 4, 5)]
    [DataRow("42 05 00 01 77", 6, null)]
    public async Task Select_WhatMayNotBe_InvalidFieldWithPointer(string page, int at, int? bit)
    {
        await using ModeBench bench = await ModeBench.CreateAsync();
        byte[] list = RowBench.Hex("00 00 00 00" + page);
        await bench.SenseAsync(Sense.InvalidFieldInParameterList(at, bit), $"15 10 0000 {list.Length:X2} 00", list);
        Assert.AreEqual("10 20 30", Text(bench.Current(1, 0)));
    }

    [TestMethod]
    public async Task Select_SecondPageIsBad_FirstDoesNotChange()
    {
        await using ModeBench bench = await ModeBench.CreateAsync();
        byte[] list = RowBench.Hex("00 00 00 00 01 03 10 5A 30 42 05 00 02 78 88");
        await bench.SenseAsync(Sense.InvalidFieldInParameterList(13), $"15 10 0000 {list.Length:X2} 00", list);
        Assert.AreEqual("10 20 30", Text(bench.Current(1, 0)));
    }

    [TestMethod]
    [DataRow(3, "00 00 00")]
    [DataRow(6, "00 00 00 00 01 03")]
    [DataRow(8, "00 00 00 00 01 03 10 20")]
    [DataRow(6, "00 00 00 08 01 03")]
    [DataRow(7, "00 00 00 00 42 05 00")]
    [DataRow(12, "00 00 00 00 01 03 10 20 30")]
    public async Task Select_ListCutOff_ParameterListLengthError(int length, string list)
    {
        await using ModeBench bench = await ModeBench.CreateAsync();
        await bench.SenseAsync(Sense.ParameterListLengthError, $"15 10 0000 {length:X2} 00", RowBench.Hex(list));
    }

    [TestMethod]
    public async Task Select_HeaderAndCdb_AreChecked()
    {
        await using ModeBench bench = await ModeBench.CreateAsync();
        await bench.GoodAsync("15 10 0000 00 00", "");
        await bench.GoodAsync("15 00 0000 00 00", "");
        await bench.SenseAsync(Sense.InvalidFieldInCdb(1, 4), "15 00 0000 04 00", new byte[4]);
        await bench.SenseAsync(Sense.InvalidFieldInParameterList(1), "15 10 0000 04 00", [0, 1, 0, 0]);
        await bench.SenseAsync(Sense.InvalidFieldInParameterList(4), "15 10 0000 0C 00", [0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 2, 0]);
    }

    [TestMethod]
    public async Task Select_OwnerRefuses_NothingChanges()
    {
        await using ModeBench bench = await ModeBench.CreateAsync();
        bench.Owner.Refusal = Sense.WriteError(null);
        await bench.SenseAsync(Sense.WriteError(null), "15 10 0000 09 00", RowBench.Hex("00000000 01 03 10 5A 3F"));
        Assert.AreEqual("10 20 30", Text(bench.Current(1, 0)));
        Assert.IsEmpty(bench.Unit.Attentions);
    }

    [TestMethod]
    public async Task Select_Save_SurvivesARestart()
    {
        MemoryJournal journal = new();
        await using (ModeBench bench = await ModeBench.CreateAsync(journal)) await bench.GoodAsync("15 11 0000 09 00", "00000000 01 03 10 5A 3F");
        await using ModeBench again = await ModeBench.CreateAsync(journal);
        Assert.AreEqual("10 5A 3F", Text(again.Current(1, 0)));
        Assert.AreEqual("10 20 30", Text(again.Page(1, 0).Get(ModePageControl.Default).ToArray()));
        await again.GoodAsync("15 10 0000 09 00", "00000000 01 03 10 00 30");
        again.Mode.Reset();
        Assert.AreEqual("10 5A 3F", Text(again.Current(1, 0)));
    }

    [TestMethod]
    public async Task Select_SaveFails_HardwareErrorAndOldSavedValues()
    {
        MemoryJournal journal = new() { SaveFault = new IOException("disk full") };
        await using ModeBench bench = await ModeBench.CreateAsync(journal);
        await bench.SenseAsync(Sense.InternalTargetFailure, "15 11 0000 09 00", RowBench.Hex("00000000 01 03 10 5A 3F"));
        Assert.AreEqual("10 20 30", Text(bench.Page(1, 0).Saved.ToArray()));
        Assert.HasCount(1, bench.Host.Log.Entries);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("02")]
    [DataRow("01 01")]
    [DataRow("01 01 00 0003 FF")]
    public async Task Load_UnreadableDocument_DefaultsHoldAndItIsSaid(string document)
    {
        MemoryJournal journal = new();
        await journal.SaveAsync(ModeParameterServer.JournalKey, RowBench.Hex(document), CancellationToken.None);
        await using ModeBench bench = await ModeBench.CreateAsync(journal);
        Assert.AreEqual("10 20 30", Text(bench.Current(1, 0)));
        Assert.HasCount(1, bench.Host.Log.Entries);
    }

    [TestMethod]
    [DataRow("01 01 00 0003 FF FF FF", "10 FF 3F")]
    [DataRow("01 01 00 0003 FF EE FF", "10 20 30")]
    [DataRow("01 01 00 0002 FF FF", "10 20 30")]
    [DataRow("01 3D 00 0001 FF 01 00 0003 00 00 00", "10 00 30")]
    public async Task Load_OtherPagesAndBits_ArePassedOver(string document, string current)
    {
        MemoryJournal journal = new();
        await journal.SaveAsync(ModeParameterServer.JournalKey, RowBench.Hex(document), CancellationToken.None);
        await using ModeBench bench = await ModeBench.CreateAsync(journal);
        Assert.AreEqual(current, Text(bench.Current(1, 0)));
        Assert.IsEmpty(bench.Host.Log.Entries);
    }

    [TestMethod]
    public void Pages_Wrong_AreRefused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => new ModePageSet([new ModePage(1, 0, [0]), new ModePage(1, 0, [0])]));
        Assert.ThrowsExactly<ArgumentException>(() => new ModePage(1, 0, [0], [1, 2]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ModePage(0x3F, 0, [0]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ModePage(1, 0xFF, [0]));
    }

    [TestMethod]
    public async Task Select_RandomLists_NeverThrowNorChangeFixedBits()
    {
        await using ModeBench bench = await ModeBench.CreateAsync();
        Random random = new(7);
        for (int i = 0; i < 5000; i++)
        {
            byte[] list = new byte[random.Next(40)];
            random.NextBytes(list);
            if (random.Next(2) == 0 && list.Length > 5) new byte[] { 0, 0, 0, 0, 1, 3 }.CopyTo(list, 0);
            await bench.Rows.RunAsync($"15 10 0000 {list.Length:X2} 00", list);
            byte[] current = bench.Current(1, 0);
            Assert.AreEqual(0x10, current[0]);
            Assert.AreEqual(0x30, current[2] & 0xF0);
        }
    }

    private static string Text(byte[] bytes) => string.Join(' ', bytes.Select(value => value.ToString("X2", null)));

    private sealed class Owner : IModeParameterOwner
    {
        public SenseData? Refusal { get; set; }

        public int Changes { get; set; }

        public byte DeviceSpecificParameter => 0x90;

        public ValueTask<ScsiOutcome> ChangingAsync(IReadOnlyList<ModePageChange> changes, CancellationToken cancellationToken) =>
            Refusal is { } refusal ? new(ScsiOutcome.Check(refusal)) : default;

        public void Changed() => Changes++;
    }

    private sealed class ModeBench : IAsyncDisposable
    {
        private ModeBench(MemoryJournal journal, bool subpageSavable)
        {
            Host = new TestHost(journal);
            ModePageSet pages = new(
            [
                new ModePage(2, 5, [0x77, 0x88], subpageSavable ? [0, 1] : default),
                new ModePage(1, 0, [0x10, 0x20, 0x30], [0x00, 0xFF, 0x0F]) { FindUnacceptable = values => values.Span[1] == 0xEE ? 1 : -1 },
                new ModePage(2, 0, [0x01]),
            ]);
            Mode = new ModeParameterServer(pages, Owner, Unit, Host);
            Rows = new RowBench(Unit, [.. Mode.Rows()]);
        }

        public Owner Owner { get; } = new();

        public TestUnit Unit { get; } = new();

        public TestHost Host { get; }

        public ModeParameterServer Mode { get; }

        public RowBench Rows { get; }

        public static async Task<ModeBench> CreateAsync(MemoryJournal? journal = null, bool subpageSavable = false)
        {
            ModeBench bench = new(journal ?? new MemoryJournal(), subpageSavable);
            await bench.Mode.LoadAsync(CancellationToken.None);
            bench.Owner.Changes = 0;
            return bench;
        }

        public ModePage Page(byte code, byte subcode) => Mode.Pages.Find(code, subcode)!;

        public byte[] Current(byte code, byte subcode) => Page(code, subcode).Current.ToArray();

        public Task<byte[]> GoodAsync(string cdb, string? list = null) => Rows.GoodAsync(cdb, list is null ? null : RowBench.Hex(list));

        public Task SenseAsync(SenseData sense, string cdb, byte[]? list = null) => Rows.SenseAsync(sense, cdb, list);

        public ValueTask DisposeAsync()
        {
            Mode.Dispose();
            Rows.Dispose();
            Host.Dispose();
            return default;
        }
    }
}
