using Microsoft.Extensions.Logging;
using TgtModular.Plugins;
using TgtModular.Storage;

namespace TgtModular.Stores;

/// <summary>Opens stores of type <c>fault</c>.</summary>
[ExportStore("fault")]
public sealed partial class FaultStoreFactory : IStoreFactory
{
    /// <inheritdoc/>
    public OptionSchema Options { get; } = OptionSchema.Of(
        new OptionDefinition("rules", OptionType.TextList, "Rules in force from the start."),
        new OptionDefinition("rules_file", OptionType.Path, "File of rules, one a line; looked at before every call, its rules replace all others."),
        new OptionDefinition("volatile", OptionType.Boolean, "Keeps unflushed writes in memory only: a crash loses them.") { Default = false });

    /// <inheritdoc/>
    public int LowerCount => 1;

    /// <inheritdoc/>
    public ValueTask<IBackingStore> OpenAsync(StoreOpenContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Lower is not [IBlockStore lower]) throw new StoreOpenException("a fault store stands on one block store");
        string? path = context.Options.GetText("rules_file");
        FaultRules rules = new(context.Host.Clock, path is null ? null : new FaultRulesFile(path, context.Name, context.Host.Logger));
        try
        {
            rules.Set(FaultRulesFile.Parse(context.Options.GetTextList("rules")));
        }
        catch (FormatException wrong)
        {
            throw new StoreOpenException(wrong.Message, wrong);
        }

        FaultStore store = new(context, lower, rules, context.Options.GetBoolean("volatile"));
        if (!FaultControl.TryRegister(context.Name, store.Control))
            throw new StoreOpenException("a fault store of this name is open");
        WarnOfFaults(context.Host.Logger, context.Name);
        return new(store);
    }

    [LoggerMessage(1, LogLevel.Warning, "store '{Store}' is of type fault: it damages data on purpose. It is for tests")]
    private static partial void WarnOfFaults(ILogger logger, string store);
}
