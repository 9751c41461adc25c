using TgtModular.Core.Units;

namespace TgtModular.Core.Commands;

/// <summary>Which commands of a nexus are meant.</summary>
/// <param name="Unit">Only those of this unit; null for all.</param>
/// <param name="Tag">Only the one with this tag; null for all.</param>
internal readonly record struct CommandFilter(LogicalUnit? Unit = null, ulong? Tag = null)
{
    public bool Matches(CoreCommand command) =>
        (Unit is null || command.UnitNexus?.Unit == Unit) && (Tag is null || command.Tag == Tag);
}
