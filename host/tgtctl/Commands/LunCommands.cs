using System.CommandLine;
using System.Globalization;
using TgtModular.Core.Control.Wire;

namespace TgtModular.Tool.Commands;

/// <summary><c>tgtctl lun</c>.</summary>
internal static class LunCommands
{
    public static Command Create() => ToolContext.Group("lun", "LUN maps of targets.", Add(), Remove());

    /// <summary>A LUN as it is typed.</summary>
    public static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        ? number
        : throw new ToolException(ExitStatus.Invalid, $"'{text}' is no LUN: a number is wanted");

    private static Command Add()
    {
        Argument<string> target = TargetCommands.Name();
        var number = new Argument<string>("number") { Description = "The LUN." };
        Argument<string> unit = ToolContext.NameOf("unit", "The unit.", UnitCommands.NamesAsync);
        var initiators = new Option<string[]>("--initiator", "-i")
        {
            Description = "Only initiators of this name see it; * stands for any characters.",
            HelpName = "PATTERN"
        };
        return ToolContext.Command("add", "Shows a unit through a target; initiators are told.", [target, number, unit, initiators], (result, client) =>
            TargetCommands.ChangeAsync(
                client, result.GetValue(target)!,
                new ChangeTargetRequest(AddLuns: [new LunView(Number(result.GetValue(number)!), result.GetValue(unit)!, result.GetValue(initiators) ?? [])])));
    }

    private static Command Remove()
    {
        Argument<string> target = TargetCommands.Name();
        var number = new Argument<string>("number") { Description = "The LUN; all its entries go." };
        return ToolContext.Command("remove", "Takes a LUN out of a target.", [target, number], (result, client) =>
            TargetCommands.ChangeAsync(client, result.GetValue(target)!, new ChangeTargetRequest(RemoveLuns: [Number(result.GetValue(number)!)])));
    }
}
