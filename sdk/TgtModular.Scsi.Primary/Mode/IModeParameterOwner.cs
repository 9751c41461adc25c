namespace TgtModular.Scsi.Primary;

/// <summary>New values of one page.</summary>
/// <param name="Page">The page; its current values are still the old ones.</param>
/// <param name="Values">The new values, without the header.</param>
public readonly record struct ModePageChange(ModePage Page, ReadOnlyMemory<byte> Values);

/// <summary>The device server as the mode commands see it.</summary>
public interface IModeParameterOwner
{
    /// <summary>MEDIUM TYPE of the mode parameter header.</summary>
    byte MediumType => 0;

    /// <summary>DEVICE-SPECIFIC PARAMETER of the mode parameter header.</summary>
    byte DeviceSpecificParameter { get; }

    /// <summary>Writes the block descriptors.</summary>
    /// <param name="destination">Room for 16 bytes.</param>
    /// <param name="longLba">LONGLBA: the long format.</param>
    /// <returns>Bytes written; 0 for none.</returns>
    int WriteBlockDescriptor(Span<byte> destination, bool longLba) => 0;

    /// <summary>Checks block descriptors of MODE SELECT.</summary>
    /// <returns>The index of the first byte that is not acceptable, -1 when all are.</returns>
    int FindUnacceptableBlockDescriptor(ReadOnlySpan<byte> descriptors, bool longLba) => descriptors.IsEmpty ? -1 : 0;

    /// <summary>Called with all changes of a command before they take effect; may do work (write a cache back) that they need.</summary>
    /// <returns>GOOD, or why nothing shall change.</returns>
    ValueTask<ScsiOutcome> ChangingAsync(IReadOnlyList<ModePageChange> changes, CancellationToken cancellationToken) => default;

    /// <summary>Current values changed, by MODE SELECT, a reset or an administrator.</summary>
    void Changed();
}
