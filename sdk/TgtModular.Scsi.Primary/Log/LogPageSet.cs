using System.Buffers;
using System.Buffers.Binary;
using TgtModular.Devices;

namespace TgtModular.Scsi.Primary;

/// <summary>One log parameter (SPC-4 section 7.3.2).</summary>
/// <param name="Code">PARAMETER CODE.</param>
/// <param name="Format">FORMAT AND LINKING of the control byte.</param>
/// <param name="Value">PARAMETER VALUE.</param>
public readonly record struct LogParameter(ushort Code, LogParameterFormat Format, byte[] Value);

/// <summary>FORMAT AND LINKING (SPC-4 table 338).</summary>
public enum LogParameterFormat : byte
{
    /// <summary>A data counter.</summary>
    BoundedCounter = 0,

    /// <summary>Text.</summary>
    AsciiList = 1,

    /// <summary>A counter that does not stop others at its end.</summary>
    UnboundedCounter = 2,

    /// <summary>A list of another format.</summary>
    BinaryList = 3,
}

/// <summary>Builds the parameters of a log page, in ascending order of their codes.</summary>
public delegate IReadOnlyList<LogParameter> LogPageBuilder(INexusView nexus);

/// <summary>LOG SENSE (SPC-4 section 6.8) with its pages; the lists of supported pages and subpages are made here.</summary>
public sealed class LogPageSet
{
    private const byte AllSubpages = 0xFF;
    private const byte CumulativeCurrent = 1;

    private readonly SortedDictionary<(byte Code, byte Subcode), LogPageBuilder> _pages = [];

    /// <summary>Adds a page.</summary>
    /// <exception cref="ArgumentException">The code is 00h, or there is such a page.</exception>
    public LogPageSet Add(byte code, byte subcode, LogPageBuilder builder)
    {
        ArgumentOutOfRangeException.ThrowIfZero(code);
        ArgumentOutOfRangeException.ThrowIfEqual(subcode, AllSubpages);
        _pages.Add((code, subcode), builder);
        return this;
    }

    /// <summary>The row of LOG SENSE.</summary>
    public CommandDescriptor Row() => new()
    {
        OperationCode = OpCode.LogSense,
        Name = "LOG SENSE",
        UsageMask = CdbMask.Of("4D 00 FF FF 00 FFFF FFFF 00"),
        Direction = DataDirection.In,
        DataLength = cdb => new DataLengths(0, BinaryPrimitives.ReadUInt16BigEndian(cdb[7..])),
        Reservation = ReservationRule.Allowed,
        Handler = Run,
    };

    private ValueTask<ScsiOutcome> Run(ScsiCommand command)
    {
        ReadOnlySpan<byte> cdb = command.Cdb;
        byte code = (byte)(cdb[2] & 0x3F);
        byte subcode = cdb[3];
        ushort pointer = BinaryPrimitives.ReadUInt16BigEndian(cdb[5..]);
        if (cdb[2] >> 6 != CumulativeCurrent) return Refuse(Sense.InvalidFieldInCdb(2, 7));
        if (FindList(code, subcode) is { } list)
            return pointer == 0 ? command.Reply(WithHeader(code, subcode, list)) : Refuse(Sense.InvalidFieldInCdb(5));
        if (!_pages.TryGetValue((code, subcode), out LogPageBuilder? builder))
            return Refuse(_pages.Keys.Any(key => key.Code == code) ? Sense.InvalidFieldInCdb(3) : Sense.InvalidFieldInCdb(2, 5));
        LogParameter[] parameters = [.. builder(command.Nexus).Where(parameter => parameter.Code >= pointer)];
        if (parameters.Length == 0 && pointer > 0) return Refuse(Sense.InvalidFieldInCdb(5));
        return command.Reply(WithHeader(code, subcode, Write(parameters)));
    }

    private static ValueTask<ScsiOutcome> Refuse(SenseData sense) => ScsiOutcome.Check(sense).AsTask();

    /// <summary>The supported pages (00h), pages and subpages (00h/FFh) or subpages of a page (xxh/FFh); null for other pages.</summary>
    private byte[]? FindList(byte code, byte subcode)
    {
        if (code == 0 && subcode == 0) return [0x00, .. _pages.Keys.Select(key => key.Code).Distinct()];
        if (subcode != AllSubpages) return null;
        (byte Code, byte Subcode)[] listed = code == 0
            ? [(0, 0), (0, AllSubpages), .. _pages.Keys.Select(key => key.Code).Distinct().SelectMany(Subpages)]
            : [.. Subpages(code)];
        return listed.Length == 0 ? null : [.. listed.SelectMany(key => new[] { key.Code, key.Subcode })];
    }

    private IEnumerable<(byte Code, byte Subcode)> Subpages(byte code)
    {
        (byte Code, byte Subcode)[] own = [.. _pages.Keys.Where(key => key.Code == code)];
        return own.Length == 0 ? own : [.. own, (code, AllSubpages)];
    }

    private static byte[] WithHeader(byte code, byte subcode, ReadOnlySpan<byte> body)
    {
        byte[] page = new byte[4 + body.Length];
        page[0] = (byte)(0x80 | (subcode == 0 ? 0 : 0x40) | code); // DS: nothing is saved; SPF
        page[1] = subcode;
        BinaryPrimitives.WriteUInt16BigEndian(page.AsSpan(2), (ushort)body.Length);
        body.CopyTo(page.AsSpan(4));
        return page;
    }

    private static byte[] Write(IEnumerable<LogParameter> parameters)
    {
        ArrayBufferWriter<byte> body = new();
        foreach (LogParameter parameter in parameters)
        {
            Span<byte> header = [0, 0, (byte)parameter.Format, (byte)parameter.Value.Length];
            BinaryPrimitives.WriteUInt16BigEndian(header, parameter.Code);
            body.Write(header);
            body.Write(parameter.Value);
        }

        return body.WrittenSpan.ToArray();
    }
}
