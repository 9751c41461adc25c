namespace TgtModular.Core.Plugins;

/// <summary>Where plugins are looked for.</summary>
/// <param name="Directories">Plugin directories; each folder in one is a plugin. Of equal plugins the one in the first directory wins.</param>
/// <param name="CopyDirectory">Where private copies are kept; this user's alone.</param>
public sealed record PluginCatalogOptions(IReadOnlyList<string> Directories, string CopyDirectory)
{
    /// <summary>Marks of the plugins that were in a call; null for none, as for tools that look at plugins beside a running daemon.</summary>
    public SuspectJournal? Suspects { get; init; }

    /// <summary>Where the runtime wrote down how an earlier daemon died; they are read and removed. Null for nowhere.</summary>
    public string? CrashReportDirectory { get; init; }

    /// <summary>How long the code of a plugin may take to load.</summary>
    public TimeSpan LoadTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Removes private copies of plugins that are there no more. Only for a daemon that is alone in its state directory.</summary>
    public bool RemoveUnusedCopies { get; init; }
}

/// <summary>A factory, or why there is none.</summary>
/// <param name="Factory">The factory; null when there is none.</param>
/// <param name="Plugin">The plugin it is from.</param>
/// <param name="Problem">What is wrong and what to do; empty with a factory.</param>
public sealed record PluginResolution<TFactory>(TFactory? Factory, PluginInfo? Plugin, string Problem)
    where TFactory : class
{
    /// <summary>True with a factory.</summary>
    [System.Diagnostics.CodeAnalysis.MemberNotNullWhen(true, nameof(Factory), nameof(Plugin))]
    public bool Success => Factory is not null;
}
