using TgtModular.Core.Configuration;

namespace TgtModular.Core.Control;

/// <summary>What an operation does to its object.</summary>
public enum ChangeKind
{
    /// <summary>It is made.</summary>
    Add,

    /// <summary>It changes and stays.</summary>
    Change,

    /// <summary>It goes.</summary>
    Remove,
}

/// <summary>One typed control operation of a plan.</summary>
/// <param name="Change">What it does.</param>
/// <param name="Subject">The object.</param>
public abstract record ControlOperation(ChangeKind Change, ObjectName Subject)
{
    /// <summary>What it does in detail, for people; the subject is not named again.</summary>
    public abstract string Detail { get; }

    /// <summary>Objects that must be there for it.</summary>
    public virtual IEnumerable<ObjectName> Needs => [];

    /// <summary>Carries it out.</summary>
    public abstract ValueTask<ControlResult> ExecuteAsync(IEngineControl engine, CancellationToken cancellationToken);

    /// <summary>The operation without what needs the missing objects; null when nothing of use is left.</summary>
    public virtual ControlOperation? Without(IReadOnlySet<ObjectName> missing) => null;

    /// <summary>A line of a plan: <c>+ store 'db': file path=/srv/db.img</c>.</summary>
    public sealed override string ToString()
    {
        char sign = Change switch
        {
            ChangeKind.Add => '+',
            ChangeKind.Remove => '-',
            _ => '~',
        };
        return Detail.Length == 0 ? $"{sign} {Subject}" : $"{sign} {Subject}: {Detail}";
    }
}

/// <summary>Opens a store.</summary>
public sealed record AddStore(StoreSpec Store) : ControlOperation(ChangeKind.Add, new ObjectName(ObjectKind.Store, Store.Name))
{
    /// <inheritdoc/>
    public override string Detail => SpecText.Describe(Store);

    /// <inheritdoc/>
    public override IEnumerable<ObjectName> Needs => Store.Lower.Select(lower => new ObjectName(ObjectKind.Store, lower));

    /// <inheritdoc/>
    public override ValueTask<ControlResult> ExecuteAsync(IEngineControl engine, CancellationToken cancellationToken) =>
        engine.AddStoreAsync(Store, Owner.File, cancellationToken);
}

/// <summary>Closes a store.</summary>
public sealed record RemoveStore(string Name) : ControlOperation(ChangeKind.Remove, new ObjectName(ObjectKind.Store, Name))
{
    /// <inheritdoc/>
    public override string Detail => "its data stay where they are";

    /// <inheritdoc/>
    public override ValueTask<ControlResult> ExecuteAsync(IEngineControl engine, CancellationToken cancellationToken) =>
        engine.RemoveStoreAsync(Name, force: false, cancellationToken);
}

/// <summary>Grows a store.</summary>
public sealed record ResizeStore(string Name, long OldLength, long Length) : ControlOperation(ChangeKind.Change, new ObjectName(ObjectKind.Store, Name))
{
    /// <inheritdoc/>
    public override string Detail => $"grows from {Quantity.FormatSize(OldLength)} to {Quantity.FormatSize(Length)}";

    /// <inheritdoc/>
    public override ValueTask<ControlResult> ExecuteAsync(IEngineControl engine, CancellationToken cancellationToken) =>
        engine.ResizeStoreAsync(Name, Length, cancellationToken);
}

/// <summary>Makes a unit.</summary>
public sealed record AddUnit(UnitSpec Unit) : ControlOperation(ChangeKind.Add, new ObjectName(ObjectKind.Unit, Unit.Name))
{
    /// <inheritdoc/>
    public override string Detail => SpecText.Describe(Unit);

    /// <inheritdoc/>
    public override IEnumerable<ObjectName> Needs => Unit.Stores.Values.Select(store => new ObjectName(ObjectKind.Store, store));

    /// <inheritdoc/>
    public override ValueTask<ControlResult> ExecuteAsync(IEngineControl engine, CancellationToken cancellationToken) =>
        engine.AddUnitAsync(Unit, Owner.File, cancellationToken);
}

/// <summary>Removes a unit.</summary>
public sealed record RemoveUnit(string Name) : ControlOperation(ChangeKind.Remove, new ObjectName(ObjectKind.Unit, Name))
{
    /// <inheritdoc/>
    public override string Detail => "";

    /// <inheritdoc/>
    public override ValueTask<ControlResult> ExecuteAsync(IEngineControl engine, CancellationToken cancellationToken) =>
        engine.RemoveUnitAsync(Name, force: false, cancellationToken);
}

/// <summary>Makes a target.</summary>
public sealed record AddTarget(TargetSpec Target) : ControlOperation(ChangeKind.Add, new ObjectName(ObjectKind.Target, Target.Key))
{
    /// <inheritdoc/>
    public override string Detail => SpecText.Describe(Target);

    /// <inheritdoc/>
    public override IEnumerable<ObjectName> Needs => Target.Luns.Select(lun => new ObjectName(ObjectKind.Unit, lun.Unit));

    /// <inheritdoc/>
    public override ValueTask<ControlResult> ExecuteAsync(IEngineControl engine, CancellationToken cancellationToken) =>
        engine.AddTargetAsync(Target, Owner.File, cancellationToken);

    /// <summary>The target without the LUNs whose units are missing.</summary>
    public override ControlOperation Without(IReadOnlySet<ObjectName> missing) =>
        new AddTarget(Target with { Luns = Target.Luns.Where(lun => !missing.Contains(new ObjectName(ObjectKind.Unit, lun.Unit))).ToValueList() });
}

/// <summary>Removes a target.</summary>
public sealed record RemoveTarget(string Key, int Sessions) : ControlOperation(ChangeKind.Remove, new ObjectName(ObjectKind.Target, Key))
{
    /// <inheritdoc/>
    public override string Detail => SpecText.ClosesSessions(Sessions);

    /// <inheritdoc/>
    public override ValueTask<ControlResult> ExecuteAsync(IEngineControl engine, CancellationToken cancellationToken) =>
        engine.RemoveTargetAsync(Key, force: true, cancellationToken);
}

/// <summary>Changes a target.</summary>
public sealed record ChangeTarget(string Key, TargetChange To) : ControlOperation(ChangeKind.Change, new ObjectName(ObjectKind.Target, Key))
{
    /// <inheritdoc/>
    public override string Detail => SpecText.Describe(To);

    /// <inheritdoc/>
    public override IEnumerable<ObjectName> Needs => To.AddLuns.Select(lun => new ObjectName(ObjectKind.Unit, lun.Unit));

    /// <inheritdoc/>
    public override ValueTask<ControlResult> ExecuteAsync(IEngineControl engine, CancellationToken cancellationToken) =>
        engine.ChangeTargetAsync(Key, To, cancellationToken);

    /// <summary>The change without the LUNs whose units are missing.</summary>
    public override ControlOperation? Without(IReadOnlySet<ObjectName> missing)
    {
        TargetChange rest = To with { AddLuns = To.AddLuns.Where(lun => !missing.Contains(new ObjectName(ObjectKind.Unit, lun.Unit))).ToValueList() };
        return rest == new TargetChange() ? null : new ChangeTarget(Key, rest);
    }
}

/// <summary>Starts a transport.</summary>
public sealed record StartTransport(TransportSpec Transport) : ControlOperation(ChangeKind.Add, new ObjectName(ObjectKind.Transport, Transport.Name))
{
    /// <inheritdoc/>
    public override string Detail => SpecText.Describe(Transport);

    /// <inheritdoc/>
    public override ValueTask<ControlResult> ExecuteAsync(IEngineControl engine, CancellationToken cancellationToken) =>
        engine.StartTransportAsync(Transport, Owner.File, cancellationToken);
}

/// <summary>Ends a transport.</summary>
public sealed record StopTransport(string Name, int Sessions) : ControlOperation(ChangeKind.Remove, new ObjectName(ObjectKind.Transport, Name))
{
    /// <inheritdoc/>
    public override string Detail => SpecText.ClosesSessions(Sessions);

    /// <inheritdoc/>
    public override ValueTask<ControlResult> ExecuteAsync(IEngineControl engine, CancellationToken cancellationToken) =>
        engine.StopTransportAsync(Name, force: true, cancellationToken);
}

/// <summary>Gives a running transport new options.</summary>
public sealed record ReconfigureTransport(TransportSpec Transport, string Changed)
    : ControlOperation(ChangeKind.Change, new ObjectName(ObjectKind.Transport, Transport.Name))
{
    /// <inheritdoc/>
    public override string Detail => Changed;

    /// <inheritdoc/>
    public override ValueTask<ControlResult> ExecuteAsync(IEngineControl engine, CancellationToken cancellationToken) =>
        engine.ReconfigureTransportAsync(Transport, cancellationToken);
}

/// <summary>Takes an object made at run time, which the file now describes as it is, into the file's ownership.</summary>
public sealed record AdoptObject(ObjectName Name) : ControlOperation(ChangeKind.Change, Name)
{
    /// <inheritdoc/>
    public override string Detail => "made at run time, from now on owned by the file";

    /// <inheritdoc/>
    public override ValueTask<ControlResult> ExecuteAsync(IEngineControl engine, CancellationToken cancellationToken) =>
        engine.SetOwnerAsync(Name, Owner.File, cancellationToken);
}
