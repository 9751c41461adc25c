using System.Globalization;
using TgtModular.Tgt.Tools.TargetsConf;

namespace TgtModular.Tgt.Tools.Admin;

/// <summary>What tgt-admin can do.</summary>
/// <param name="settings">The command line.</param>
/// <param name="session">The daemon.</param>
internal sealed class AdminActions(AdminSettings settings, AdminSession session)
{
    private const string All = "ALL";
    private const string IdPrefix = "tid=";

    /// <summary>Makes what the file has and the daemon has not.</summary>
    public void Execute()
    {
        if (ReadConfiguration() is not { } configuration) return;
        List<ShownTarget> existing = session.Targets();
        TargetBuilder builder = new(configuration, session, settings.Force);
        builder.Prepare(existing);
        builder.BuildGlobals();
        HashSet<string> names = [.. existing.Select(target => target.Name)];
        foreach (TargetEntry target in configuration.Targets.Values)
        {
            if (names.Contains(target.Name)) session.Note($"Target {target.Name} already exists!");
            else builder.Build(target);
        }
    }

    /// <summary>Makes the daemon have what the file has, for all targets or one.</summary>
    public void Update()
    {
        if (ReadConfiguration() is not { } configuration) return;
        List<ShownTarget> existing = session.Targets();
        if (session.Stopped) return;
        TargetBuilder builder = new(configuration, session, settings.Force);
        builder.Prepare(existing);
        if (settings.Selected == All)
        {
            builder.BuildGlobals();
            foreach (ShownTarget gone in existing.Where(target => !configuration.Targets.ContainsKey(target.Name))) Remove(gone, builder);
            foreach (TargetEntry target in configuration.Targets.Values) Update(target, existing.Find(shown => shown.Name == target.Name), builder);
            return;
        }

        ShownTarget? old = Find(existing, settings.Selected);
        string name = old?.Name ?? settings.Selected;
        if (configuration.Targets.TryGetValue(name, out TargetEntry? wanted)) Update(wanted, old, builder);
        else if (old != null) Remove(old, builder);
        else session.Fail($"target {settings.Selected} is neither in the daemon nor in {settings.ConfigurationPath}");
    }

    /// <summary>Removes all targets or one.</summary>
    public void Delete()
    {
        List<ShownTarget> existing = session.Targets();
        TargetRemover remover = new(session, settings.Force);
        if (settings.Selected == All)
        {
            foreach (ShownTarget target in existing) _ = remover.Remove(target, "deleted");
        }
        else if (Find(existing, settings.Selected) is { } target)
        {
            _ = remover.Remove(target, "deleted");
        }
        else if (!session.Stopped)
        {
            session.Warn($"there is no target {settings.Selected}");
        }
    }

    /// <summary>Sets the state of all targets or one.</summary>
    public void SetState(string state)
    {
        List<ShownTarget> existing = session.Targets();
        if (session.Stopped) return;
        if (settings.Selected == All) existing.ForEach(Set);
        else if (Find(existing, settings.Selected) is { } target) Set(target);
        else session.Fail($"there is no target {settings.Selected}");

        void Set(ShownTarget target) => _ = session.Do(
            null, "--op", "update", "--mode", "target", $"--tid={target.Id.ToString(CultureInfo.InvariantCulture)}", "-n", "state", "-v", state);
    }

    private static ShownTarget? Find(List<ShownTarget> targets, string selected) =>
        selected.StartsWith(IdPrefix, StringComparison.Ordinal)
            ? targets.Find(target => target.Id.ToString(CultureInfo.InvariantCulture) == selected[IdPrefix.Length..])
            : targets.Find(target => target.Name == selected);

    private void Update(TargetEntry wanted, ShownTarget? old, TargetBuilder builder)
    {
        if (old == null) builder.Build(wanted);
        else if (Remove(old, builder)) builder.Build(wanted, wanted.TargetId ?? old.Id);
    }

    private bool Remove(ShownTarget target, TargetBuilder builder)
    {
        if (!new TargetRemover(session, settings.Force).Remove(target, "updated")) return false;
        foreach (ShownUnit unit in target.Units) builder.InUse.Remove(unit["Backing store path"]);
        return true;
    }

    private TargetsConfiguration? ReadConfiguration()
    {
        ConfigFindings findings = new();
        TargetsConfiguration configuration = TargetsReader.Read(settings.ConfigurationPath, findings);
        foreach (string line in findings.Lines) session.Warn(line);
        if (configuration.ControlPort is { } port)
        {
            if (session.ControlPort != null) findings.Error(port.Place, "");
            if (session.ControlPort != null) session.Warn($"{port.Place}: control-port is given here and on the command line");
            session.ControlPort = port.Value;
        }

        session.IgnoreErrors |= configuration.IgnoreErrors;
        if (findings.Errors == 0) return configuration;
        session.Fail($"{settings.ConfigurationPath}: {findings.Errors} error(s), nothing is done");
        return null;
    }
}
