using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.Lio.Transport;

/// <summary>One initiator of a port: its nexus in the engine and its exports in the kernel. Its owner is the pass.</summary>
/// <param name="initiator">Its name in the kernel's form.</param>
/// <param name="id">Its number among the transport's sessions.</param>
/// <param name="ended">Told when the engine ends the nexus.</param>
internal sealed class PortNexus(string initiator, ulong id, Action ended) : INexusObserver
{
    private volatile bool _endAsked;

    public string Initiator => initiator;

    public ulong Id => id;

    /// <summary>Its exports.</summary>
    public SortedDictionary<Lun, Export> Exports { get; } = [];

    /// <summary>Units that could not be exported, with the reason.</summary>
    public SortedDictionary<Lun, string> Refused { get; } = [];

    /// <summary>The engine's nexus; null when it is closed.</summary>
    public INexus? Nexus { get; set; }

    /// <summary>The rings of the nexus; null when it is closed.</summary>
    public IRingGroup? Rings { get; set; }

    /// <summary>What is wrong with it as a whole; null when nothing is.</summary>
    public string? Problem { get; set; }

    /// <summary>True when the administrator ends it: it is taken out of the kernel, which ends the initiator's sessions, and put in anew.</summary>
    public bool Restart { get; set; }

    /// <summary>True when the engine wants the nexus closed.</summary>
    public bool EndAsked => _endAsked;

    /// <summary>Everything that is wrong.</summary>
    public IEnumerable<string> AllProblems
    {
        get
        {
            if (Problem is { } own) yield return own;
            foreach ((Lun lun, string why) in Refused) yield return $"LUN {lun}: {why}";
            foreach (Export export in Exports.Values.Where(export => export.Problem is not null)) yield return $"LUN {export.Lun}: {export.Problem}";
        }
    }

    /// <inheritdoc/>
    public void CloseRequested(NexusEnd end)
    {
        _endAsked = true;
        // After a reset the nexus is opened anew: commands wait for that in their rings. For good, they are answered until their LUN is gone.
        if (end == NexusEnd.Reset) Rings?.Stop();
        ended();
    }

    /// <summary>Stops serving and closes the nexus; the kernel's part stays.</summary>
    public async Task CloseAsync(NexusEnd end)
    {
        foreach (Export export in Exports.Values)
        {
            if (export.Ring is { } ring) await ring.DisposeAsync();
            export.Ring = null;
        }

        if (Rings is { } rings) await rings.DisposeAsync();
        Rings = null;
        if (Nexus is { } nexus) await nexus.CloseAsync(end);
        Nexus = null;
        _endAsked = false;
    }
}
