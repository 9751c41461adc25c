using System.Buffers.Binary;
using TgtModular.Scsi;

namespace TgtModular.TestKit;

internal static class PrimaryCases
{
    private const byte AllPages = 0x3F;
    private static readonly int[] AllocationLengths = [0, 1, 5, 8, 36, 95, 255, 0xFFFF];

    /// <summary>SPC-4 section 6.6.2.</summary>
    public static async Task StandardInquiryAsync(DeviceFixture fixture)
    {
        byte[] data = await fixture.DataAsync(Inquiry(vital: false, 0, 0xFFFF));
        Assert.IsTrue(data.Length >= 36, $"standard INQUIRY data has {data.Length} bytes, 36 at least are mandatory");
        Assert.AreEqual((byte)fixture.Server.DeviceType, data[0], "peripheral qualifier 0 and the device type");
        Assert.AreEqual(fixture.Factory.DeviceType, fixture.Server.DeviceType, "the factory says the device type of its units");
        Assert.AreEqual(2, data[3] & 0x0F, "RESPONSE DATA FORMAT");
        Assert.AreEqual(data.Length - 5, data[4], "ADDITIONAL LENGTH");
        Assert.IsFalse(data.AsSpan(8, 28).ContainsAnyExceptInRange((byte)0x20, (byte)0x7E), "vendor, product and revision are ASCII, padded with spaces");
        await CheckPrefixesAsync(fixture, data, length => Inquiry(vital: false, 0, length));
        await fixture.RefuseAsync(Inquiry(vital: false, 0x83, 255), Sense.InvalidFieldInCdb(2), "a page code without EVPD");
    }

    /// <summary>SPC-4 section 7.8: page 00h lists what there is, 83h among it.</summary>
    public static async Task VitalProductDataAsync(DeviceFixture fixture)
    {
        byte[] list = await fixture.DataAsync(Inquiry(vital: true, 0, 0xFFFF));
        byte[] pages = list[4..];
        CollectionAssert.AreEqual(pages.Distinct().Order().ToArray(), pages, "supported pages are in ascending order");
        Assert.IsTrue(pages.Contains((byte)0x00) && pages.Contains((byte)0x83), "pages 00h and 83h are mandatory");
        for (int code = 0; code <= 0xFF; code++)
        {
            byte[] cdb = Inquiry(vital: true, (byte)code, 0xFFFF);
            if (!pages.Contains((byte)code))
            {
                await fixture.RefuseAsync(cdb, Sense.InvalidFieldInCdb(2), "a page that is not listed");
                continue;
            }

            byte[] page = await fixture.DataAsync(cdb);
            Assert.AreEqual((byte)fixture.Server.DeviceType, page[0], $"device type in page {code:X2}h");
            Assert.AreEqual(code, page[1], "PAGE CODE");
            Assert.AreEqual(page.Length - 4, BinaryPrimitives.ReadUInt16BigEndian(page.AsSpan(2)), $"PAGE LENGTH of page {code:X2}h");
            await CheckPrefixesAsync(fixture, page, length => Inquiry(vital: true, (byte)code, length));
        }
    }

    /// <summary>SPC-4 section 6.39: sense data as data, in both formats or with DESC refused.</summary>
    public static async Task RequestSenseAsync(DeviceFixture fixture)
    {
        byte[] plain = await fixture.DataAsync([OpCode.RequestSense, 0, 0, 0, 252, 0]);
        Assert.IsTrue(plain[0] is 0x70 or 0x72, $"response code {plain[0]:X2}h");
        CommandResult descriptor = await fixture.RunAsync([OpCode.RequestSense, 1, 0, 0, 252, 0]);
        if (descriptor.Outcome.IsGood) Assert.AreEqual(0x72, descriptor.DataIn[0], "response code with DESC");
        else Assert.AreEqual(ScsiOutcome.Check(Sense.InvalidFieldInCdb(1, 0)), descriptor.Outcome, "DESC is implemented, or refused");
        byte[] none = (await fixture.RunAsync([OpCode.RequestSense, 0, 0, 0, 0, 0])).DataIn;
        Assert.IsEmpty(none, "an allocation length of zero is no error and gives nothing");
    }

    public static async Task TestUnitReadyAsync(DeviceFixture fixture)
    {
        ScsiOutcome outcome = (await fixture.RunAsync([OpCode.TestUnitReady, 0, 0, 0, 0, 0])).Outcome;
        bool answers = outcome.IsGood || (outcome.Status == ScsiStatus.CheckCondition && outcome.Sense.Key == SenseKey.NotReady);
        Assert.IsTrue(answers, $"TEST UNIT READY ended with {outcome}");
    }

    /// <summary>SPC-4 section 7.5: every page of every page control is as long as it says.</summary>
    public static async Task ModePagesAsync(DeviceFixture fixture)
    {
        if (!fixture.Has(OpCode.ModeSense10)) return;
        byte[]? current = null;
        foreach (byte control in new byte[] { 0x00, 0x40, 0x80, 0xC0 })
        {
            CommandResult result = await fixture.RunAsync(ModeSense((byte)(control | AllPages), 0xFFFF));
            if (control == 0xC0 && !result.Outcome.IsGood)
            {
                Assert.AreEqual(ScsiOutcome.Check(Sense.SavingParametersNotSupported), result.Outcome, "saved values are there, or not supported");
                continue;
            }

            Assert.AreEqual(ScsiOutcome.Good, result.Outcome, $"all mode pages with page control {control >> 6}");
            Assert.AreEqual(result.DataIn.Length - 2, BinaryPrimitives.ReadUInt16BigEndian(result.DataIn), "MODE DATA LENGTH");
            byte[] pages = WalkModePages(result.DataIn);
            current ??= pages;
            CollectionAssert.AreEqual(current, pages, "the same pages for every page control");
            await CheckPrefixesAsync(fixture, result.DataIn, length => ModeSense((byte)(control | AllPages), length));
        }
    }

    /// <summary>SPC-4 section 7.3: every listed page is there, and its parameters fill it.</summary>
    public static async Task LogPagesAsync(DeviceFixture fixture)
    {
        if (!fixture.Has(OpCode.LogSense)) return;
        byte[] listed = (await fixture.DataAsync(LogSense(0, 0xFFFF)))[4..];
        CollectionAssert.AreEqual(listed.Distinct().Order().ToArray(), listed, "supported log pages are in ascending order");
        for (byte code = 0; code < 0x3F; code++)
        {
            if (!listed.Contains(code))
            {
                await fixture.RefuseAsync(LogSense(code, 0xFFFF), Sense.InvalidFieldInCdb(2, 5), "a log page that is not listed");
                continue;
            }

            byte[] page = await fixture.DataAsync(LogSense(code, 0xFFFF));
            Assert.AreEqual(code, page[0] & 0x3F, "PAGE CODE");
            Assert.AreEqual(page.Length - 4, BinaryPrimitives.ReadUInt16BigEndian(page.AsSpan(2)), $"PAGE LENGTH of log page {code:X2}h");
            if (code != 0) WalkLogParameters(page);
        }
    }

    private static byte[] Inquiry(bool vital, byte page, int length) =>
        [OpCode.Inquiry, (byte)(vital ? 1 : 0), page, (byte)(length >> 8), (byte)length, 0];

    private static byte[] ModeSense(byte page, int length) => [OpCode.ModeSense10, 0, page, 0, 0, 0, 0, (byte)(length >> 8), (byte)length, 0];

    private static byte[] LogSense(byte page, int length) => [OpCode.LogSense, 0, (byte)(0x40 | page), 0, 0, 0, 0, (byte)(length >> 8), (byte)length, 0];

    /// <summary>A shorter allocation length cuts the data off and changes nothing else in them (SPC-4 section 4.2.5.6).</summary>
    private static async Task CheckPrefixesAsync(DeviceFixture fixture, byte[] whole, Func<int, byte[]> command)
    {
        foreach (int length in AllocationLengths)
        {
            byte[] part = await fixture.DataAsync(command(length));
            CollectionAssert.AreEqual(whole[..Math.Min(length, whole.Length)], part, $"{Convert.ToHexString(command(length))} is the start of all data");
        }
    }

    private static byte[] WalkModePages(byte[] data)
    {
        List<byte> codes = [];
        int position = 8 + BinaryPrimitives.ReadUInt16BigEndian(data.AsSpan(6));
        while (position < data.Length)
        {
            bool sub = (data[position] & 0x40) != 0;
            codes.Add((byte)(data[position] & 0x3F));
            position += sub ? 4 + BinaryPrimitives.ReadUInt16BigEndian(data.AsSpan(position + 2)) : 2 + data[position + 1];
        }

        Assert.AreEqual(data.Length, position, "the mode pages fill the data");
        return [.. codes];
    }

    private static void WalkLogParameters(byte[] page)
    {
        int position = 4;
        int last = -1;
        while (position < page.Length)
        {
            int code = BinaryPrimitives.ReadUInt16BigEndian(page.AsSpan(position));
            Assert.IsTrue(code > last, $"parameter {code:X4}h of log page {page[0] & 0x3F:X2}h is out of order");
            last = code;
            position += 4 + page[position + 3];
        }

        Assert.AreEqual(page.Length, position, $"the parameters fill log page {page[0] & 0x3F:X2}h");
    }
}
