using System.Collections.Concurrent;
using TgtModular.Devices;
using TgtModular.Iscsi.Configuration;
using TgtModular.Plugins;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.Iscsi.Tests.Engine;

/// <summary>An engine with targets that a test arranges.</summary>
internal sealed class TestEngine : ITransportHost
{
    private readonly ConcurrentDictionary<string, TestTarget> _targets = new(StringComparer.Ordinal);

    public IReadOnlyList<ITransportTarget> Targets => [.. _targets.Values.OrderBy(target => target.Name, StringComparer.Ordinal)];

    public Authentication DiscoveryAuthentication { get; set; } = Authentication.None;

    public TestTarget Add(TestTarget target)
    {
        _targets[target.Name] = target;
        return target;
    }

    public ITransportTarget? FindTarget(string name) => _targets.GetValueOrDefault(name);

    public UnitGeometry? GetGeometry(ITransportTarget target, Lun lun) => null;
}

/// <summary>A target with one disk of 1 MiB at LUN 0 and 1.</summary>
internal sealed class TestTarget(string name, Buffers.IBufferPool buffers, params (string Key, object Value)[] options) : ITransportTarget
{
    private readonly ConcurrentQueue<EngineNexus> _nexuses = new();

    public string Name => name;

    public OptionValues Options { get; set; } = new(
        TargetOptions.Schema, options.Append((TargetOptions.Name, name)).ToDictionary(pair => pair.Item1, pair => pair.Item2));

    public Authentication Authentication { get; set; } = Authentication.None;

    /// <summary>The medium.</summary>
    public byte[] Disk { get; } = new byte[1 << 20];

    /// <summary>Memory for the data of commands.</summary>
    public Buffers.IBufferPool Buffers => buffers;

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

    public bool Admits(InitiatorIdentity initiator) => Admission(initiator);

    public IReadOnlyList<Lun> GetLuns(InitiatorIdentity initiator) => [Lun.FromNumber(0), Lun.FromNumber(1)];

    public INexus? OpenNexus(NexusRequest request)
    {
        if (IsGone) return null;
        if (_nexuses.Any(other => other.Initiator.Equals(request.InitiatorPort) && other.Request.PortalGroupTag == request.PortalGroupTag && !other.IsClosed))
            throw new InvalidOperationException("the older nexus of the initiator port is still open");
        EngineNexus nexus = new(this, request);
        _nexuses.Enqueue(nexus);
        return nexus;
    }
}
