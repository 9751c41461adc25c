using System.Text;

namespace TgtModular.Core.Control;

/// <summary>The way from what is there to what shall be there.</summary>
/// <param name="Operations">What is to be done, in order.</param>
/// <param name="LeftAlone">Objects made at run time that the file does not know; <c>--prune</c> removes them.</param>
/// <param name="Conflicts">What the file asks for and the plan does not do, with the reason and a remedy.</param>
public sealed record Plan(IReadOnlyList<ControlOperation> Operations, IReadOnlyList<ObjectName> LeftAlone, IReadOnlyList<string> Conflicts)
{
    /// <summary>True when everything is as it shall be.</summary>
    public bool IsEmpty => Operations.Count == 0 && Conflicts.Count == 0;

    /// <summary>The plan for people, one line per operation.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        foreach (ControlOperation operation in Operations) _ = text.Append(operation).Append('\n');
        foreach (string conflict in Conflicts) _ = text.Append("! ").Append(conflict).Append('\n');
        if (IsEmpty) _ = text.Append("Nothing to do: everything is as the file says.\n");
        if (LeftAlone.Count > 0) _ = text.Append("Left alone, made at run time (--prune removes them): ").AppendJoin(", ", LeftAlone).Append('\n');
        return text.ToString();
    }
}
