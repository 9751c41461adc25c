using TgtModular.Core.Configuration;
using TgtModular.Core.State;

namespace TgtModular.TgtSocket.Model;

/// <summary>A logical unit that came over the socket.</summary>
internal sealed class TgtUnit
{
    /// <summary>The number it has in its target.</summary>
    public required ulong Lun { get; init; }

    /// <summary>The unit as the engine has it.</summary>
    public required UnitSpec Unit { get; set; }

    /// <summary>Its store as the engine has it.</summary>
    public required StoreSpec Store { get; set; }

    /// <summary>Type of the backing store, by tgt's name.</summary>
    public required string StoreType { get; init; }

    /// <summary>Where its data are, as it was given.</summary>
    public required string Path { get; set; }

    /// <summary>The file that its data are in; null for a unit that has none.</summary>
    public FileIdentity? File { get; set; }

    /// <summary>Flags of opening, as they were given.</summary>
    public required string Flags { get; init; }

    /// <summary>Parameters that no option of the unit keeps, to be set again when the unit is made anew: by name.</summary>
    public Dictionary<string, string> Settings { get; } = new(StringComparer.Ordinal);

    /// <summary>Mode pages that were set, in order.</summary>
    public List<string> ModePages { get; } = [];

    /// <summary>The entry in the target's LUN map.</summary>
    public LunSpec Mapping => new((int)Lun, Unit.Name);
}
