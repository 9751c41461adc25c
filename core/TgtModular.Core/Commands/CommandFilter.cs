using TgtModular.Core.Units;

namespace TgtModular.Core.Commands;

/// <summary>Which commands of a nexus are meant.</summary>
/// <param name="Unit">Only those of this unit; null for all.</param>
/// <param name="Tag">Only the one with this tag; null for all.</param>
/// <param name="Except">Not this one; null for all.</param>
internal readonly record struct CommandFilter(LogicalUnit? Unit = null, ulong? Tag = null, CoreCommand? Except = null)
{
    public bool Matches(CoreCommand command) =>
        command != Except && (Unit is null || command.UnitNexus?.Unit == Unit) && (Tag is null || command.Tag == Tag);
}
