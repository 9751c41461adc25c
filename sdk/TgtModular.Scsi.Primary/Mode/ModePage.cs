namespace TgtModular.Scsi.Primary;

/// <summary>PAGE CONTROL of MODE SENSE (SPC-4 section 6.11.3): which values are shown.</summary>
public enum ModePageControl : byte
{
    /// <summary>Values in effect.</summary>
    Current = 0,

    /// <summary>A one for every bit that MODE SELECT may change.</summary>
    Changeable = 1,

    /// <summary>Values after a reset when nothing was saved.</summary>
    Default = 2,

    /// <summary>Values that survive a power cycle.</summary>
    Saved = 3,
}

/// <summary>
/// One mode page or subpage (SPC-4 section 7.5.7): its parameter bytes without the header. Values are replaced whole, so that a reader sees one
/// state or the other; only <see cref="ModeParameterServer"/> replaces them.
/// </summary>
public sealed class ModePage
{
    private readonly byte[] _default;
    private readonly byte[] _changeable;
    private volatile byte[] _current;
    private volatile byte[] _saved;

    /// <summary>A page.</summary>
    /// <param name="code">PAGE CODE, 00h to 3Eh.</param>
    /// <param name="subcode">SUBPAGE CODE; 0 for a page without subpages.</param>
    /// <param name="defaults">Default values, without the header.</param>
    /// <param name="changeable">A one for every changeable bit; empty for none, else as long as the defaults.</param>
    public ModePage(byte code, byte subcode, ReadOnlySpan<byte> defaults, ReadOnlySpan<byte> changeable = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(code, (byte)0x3E);
        ArgumentOutOfRangeException.ThrowIfEqual(subcode, byte.MaxValue);
        if (!changeable.IsEmpty && changeable.Length != defaults.Length)
            throw new ArgumentException("as many changeable as default bytes", nameof(changeable));
        Code = code;
        Subcode = subcode;
        _default = defaults.ToArray();
        _changeable = changeable.IsEmpty ? new byte[defaults.Length] : changeable.ToArray();
        _current = _default;
        _saved = _default;
    }

    /// <summary>PAGE CODE.</summary>
    public byte Code { get; }

    /// <summary>SUBPAGE CODE.</summary>
    public byte Subcode { get; }

    /// <summary>Bytes without the header.</summary>
    public int Length => _default.Length;

    /// <summary>Bytes of the header: two, or four for a subpage.</summary>
    public int HeaderLength => Subcode == 0 ? 2 : 4;

    /// <summary>Values in effect, without the header.</summary>
    public ReadOnlyMemory<byte> Current => _current;

    /// <summary>Saved values, without the header; the defaults when nothing was saved.</summary>
    public ReadOnlyMemory<byte> Saved => _saved;

    /// <summary>Checks changed values before they take effect: the index of the first byte that is not acceptable, -1 for none.</summary>
    public Func<ReadOnlyMemory<byte>, int>? FindUnacceptable { get; init; }

    /// <summary>PS: values can be saved.</summary>
    public bool Savable => _changeable.AsSpan().ContainsAnyExcept((byte)0);

    /// <summary>The values that a page control asks for.</summary>
    public ReadOnlyMemory<byte> Get(ModePageControl control) => control switch
    {
        ModePageControl.Current => _current,
        ModePageControl.Changeable => _changeable,
        ModePageControl.Default => _default,
        _ => _saved,
    };

    /// <summary>Checks proposed values against what may change.</summary>
    /// <returns>The index of the first byte that is not acceptable, -1 when all are.</returns>
    public int Check(ReadOnlyMemory<byte> proposed)
    {
        ReadOnlySpan<byte> current = _current;
        ReadOnlySpan<byte> values = proposed.Span;
        for (int i = 0; i < current.Length; i++)
        {
            if (((current[i] ^ values[i]) & ~_changeable[i]) != 0) return i;
        }

        return FindUnacceptable?.Invoke(proposed) ?? -1;
    }

    internal void SetCurrent(ReadOnlySpan<byte> values) => _current = values.ToArray();

    internal void Save() => _saved = _current;

    internal void RestoreSaved() => _current = _saved;

    /// <summary>Takes values of an earlier life: only bits that may be changed today.</summary>
    internal void LoadSaved(ReadOnlySpan<byte> values)
    {
        if (values.Length != Length) return;
        byte[] merged = new byte[Length];
        for (int i = 0; i < merged.Length; i++) merged[i] = (byte)((_default[i] & ~_changeable[i]) | (values[i] & _changeable[i]));
        if (FindUnacceptable is { } find && find(merged) >= 0) return;
        _saved = merged;
        _current = merged;
    }
}
