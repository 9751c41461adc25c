using System.Collections.Concurrent;
using TgtModular.Buffers;
using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.TestKit;

/// <summary>An engine with targets that a test arranges.</summary>
public sealed class TestEngine : ITransportHost
{
    private readonly ConcurrentDictionary<string, TestTarget> _targets = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public IReadOnlyList<ITransportTarget> Targets => [.. _targets.Values.OrderBy(target => target.Name, StringComparer.Ordinal)];

    /// <inheritdoc/>
    public Authentication DiscoveryAuthentication { get; set; } = Authentication.None;

    /// <summary>Adds a target, or replaces that of its name.</summary>
    /// <returns>The target.</returns>
    public TestTarget Add(TestTarget target)
    {
        ArgumentNullException.ThrowIfNull(target);
        _targets[target.Name] = target;
        return target;
    }

    /// <inheritdoc/>
    public ITransportTarget? FindTarget(string name) => _targets.GetValueOrDefault(name);

    /// <inheritdoc/>
    public UnitGeometry? GetGeometry(ITransportTarget target, Lun lun) => null;
}

/// <summary>A target with one disk of 1 MiB at LUN 0 and 1.</summary>
/// <param name="name">Its name in the transport.</param>
/// <param name="buffers">Memory for the data of commands.</param>
/// <param name="options">Its options in the transport; null for none.</param>
public class TestTarget(string name, IBufferPool buffers, OptionValues? options = null) : ITransportTarget
{
    private readonly ConcurrentQueue<EngineNexus> _nexuses = new();

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public OptionValues Options { get; set; } = options ?? OptionValues.Empty;

    /// <inheritdoc/>
    public Authentication Authentication { get; set; } = Authentication.None;

    /// <summary>The medium.</summary>
    public byte[] Disk { get; } = new byte[1 << 20];

    /// <summary>Memory for the data of commands.</summary>
    public IBufferPool Buffers => buffers;

    /// <summary>Who may log in.</summary>
    public Func<InitiatorIdentity, bool> Admission { get; set; } = _ => true;

    /// <summary>Refuses nexuses, as a target that has just gone.</summary>
    public bool IsGone { get; set; }

    /// <summary>Most commands of a nexus.</summary>
    public int MaxCommands { get; set; } = int.MaxValue;

    /// <summary>Commands with this operation code are held until released.</summary>
    public byte? HoldOpCode { get; set; }

    /// <summary>When true, Data-Out is asked for only after <see cref="EngineNexus.StartParked"/>.</summary>
    public bool ParkCommands { get; set; }

    /// <summary>When true, commands complete on the thread pool.</summary>
    public bool CompleteElsewhere { get; set; }

    /// <summary>Nexuses so far, oldest first.</summary>
    public IReadOnlyList<EngineNexus> Nexuses => [.. _nexuses];

    /// <summary>The newest nexus.</summary>
    public EngineNexus Nexus => _nexuses.Last();

    /// <summary>Forgets nexuses that ended as they should; one that did not stays, to be found.</summary>
    public void ForgetEnded()
    {
        for (int i = _nexuses.Count; i > 0 && _nexuses.TryDequeue(out EngineNexus? nexus); i--)
        {
            if (!nexus.IsClosed || nexus.InFlight > 0) _nexuses.Enqueue(nexus);
        }
    }

    /// <inheritdoc/>
    public bool Admits(InitiatorIdentity initiator) => Admission(initiator);

    /// <inheritdoc/>
    public IReadOnlyList<Lun> GetLuns(InitiatorIdentity initiator) => [Lun.FromNumber(0), Lun.FromNumber(1)];

    /// <inheritdoc/>
    public INexus? OpenNexus(NexusRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (IsGone || !Admits(request.Initiator)) return null;
        if (_nexuses.Any(other => other.Initiator.Equals(request.InitiatorPort) && other.Request.PortalGroupTag == request.PortalGroupTag && !other.IsClosed))
            throw new InvalidOperationException("the older nexus of the initiator port is still open");
        EngineNexus nexus = new(this, request);
        _nexuses.Enqueue(nexus);
        return nexus;
    }
}
