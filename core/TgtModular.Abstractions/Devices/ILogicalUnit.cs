using TgtModular.Scsi;
using TgtModular.Storage;

namespace TgtModular.Devices;

/// <summary>Who a logical unit is: constant for its life.</summary>
/// <param name="Name">Name in the configuration.</param>
/// <param name="Vendor">T10 VENDOR IDENTIFICATION, at most 8 ASCII characters.</param>
/// <param name="Product">PRODUCT IDENTIFICATION, at most 16 ASCII characters; null for the device type's own.</param>
/// <param name="Revision">PRODUCT REVISION LEVEL, at most 4 ASCII characters.</param>
/// <param name="Serial">PRODUCT SERIAL NUMBER, ASCII.</param>
/// <param name="ScsiId">VENDOR SPECIFIC IDENTIFIER of the T10 vendor designation descriptor, ASCII.</param>
/// <param name="Naa">NAA designator as a number: 16 bytes for NAA 6h, else 8 bytes (NAA 2h, 3h, 5h; the upper half is zero); null for none.</param>
public sealed record UnitIdentity(string Name, string Vendor, string? Product, string Revision, string Serial, string ScsiId, UInt128? Naa);

/// <summary>What a unit looks like from outside; published by the device server for transports that describe units themselves (LIO).</summary>
/// <param name="BlockLength">Bytes per logical block, 0 when it has none.</param>
/// <param name="BlockCount">Number of logical blocks.</param>
/// <param name="WriteCacheEnabled">WCE of the caching mode page.</param>
/// <param name="ReadOnly">Write protected.</param>
public sealed record UnitGeometry(int BlockLength, long BlockCount, bool WriteCacheEnabled, bool ReadOnly);

/// <summary>For whom a unit attention is established.</summary>
public enum UnitAttentionScope
{
    /// <summary>Every I_T nexus.</summary>
    All,

    /// <summary>Every I_T nexus but the one named.</summary>
    AllButOne,

    /// <summary>Only the I_T nexus named.</summary>
    One,
}

/// <summary>The logical unit, as its device server sees it. Calls are safe from any thread.</summary>
public interface ILogicalUnit
{
    /// <summary>Who it is.</summary>
    UnitIdentity Identity { get; }

    /// <summary>Its stores by role.</summary>
    IReadOnlyDictionary<string, IBackingStore> Stores { get; }

    /// <summary>Other units, whatever target, transport or plugin they live in.</summary>
    IUnitDirectory Directory { get; }

    /// <summary>Most bytes of Data-In or Data-Out in one command: longer Data-Out is refused, longer allocation lengths are cut to it.</summary>
    int MaximumTransferLength { get; }

    /// <summary>D_SENSE of the control mode page: sense data of this unit is written in descriptor format.</summary>
    bool DescriptorSense { get; set; }

    /// <summary>TAS of the control mode page: commands aborted by another nexus end with TASK ABORTED.</summary>
    bool TaskAbortedStatus { get; set; }

    /// <summary>SWP of the control mode page, or a configuration that forbids writes.</summary>
    bool WriteProtected { get; set; }

    /// <summary>Publishes what the unit looks like; transports are told of changes.</summary>
    void Publish(UnitGeometry geometry);

    /// <summary>Publishes the medium interface that changers use; null takes it back.</summary>
    void Publish(IRemovableMedium? medium);

    /// <summary>Establishes a unit attention.</summary>
    void EstablishUnitAttention(AdditionalSense additional, UnitAttentionScope scope = UnitAttentionScope.All, INexusView? nexus = null);
}

/// <summary>Finds units by name across targets, transports and plugin contexts: how a changer reaches its drives.</summary>
public interface IUnitDirectory
{
    /// <summary>The medium interface of a unit; null when there is no such unit, or its medium is fixed.</summary>
    IRemovableMedium? FindMedium(string unitName);

    /// <summary>The identity of a unit; null when there is none.</summary>
    UnitIdentity? Find(string unitName);
}

/// <summary>A removable medium: what a changer does to a drive. Only Abstractions types cross, so both may live in different contexts.</summary>
public interface IRemovableMedium
{
    /// <summary>The medium in the drive; null when it is empty. It is none of the unit's own stores: the core learns from it whether commands may block.</summary>
    IBackingStore? Medium { get; }

    /// <summary>True while an initiator prevents removal.</summary>
    bool RemovalPrevented { get; }

    /// <summary>Puts a medium in.</summary>
    /// <returns>Why it was refused; GOOD when done.</returns>
    ValueTask<ScsiOutcome> LoadAsync(IBackingStore medium, string label, CancellationToken cancellationToken);

    /// <summary>Takes the medium out, with everything on it durable.</summary>
    ValueTask<(ScsiOutcome Outcome, IBackingStore? Medium)> UnloadAsync(CancellationToken cancellationToken);
}

/// <summary>Optional on a device server: named parameters that an administrator changes while it runs (tgtadm <c>--params</c>).</summary>
public interface IParameterVerbs
{
    /// <summary>Sets a parameter.</summary>
    /// <returns>Null when done, else why not.</returns>
    ValueTask<string?> SetAsync(string name, string value, CancellationToken cancellationToken);
}

/// <summary>What an administrator sees of a unit, and its initiators may have changed.</summary>
/// <param name="Online">A medium is there and an administrator did not take the unit offline.</param>
/// <param name="Removable">The medium is removable.</param>
/// <param name="RemovalPrevented">An initiator prevents its removal.</param>
/// <param name="ReadOnly">The administrator, or the store, forbids writes.</param>
/// <param name="SoftwareWriteProtect">An initiator forbade writes (SWP of the control mode page).</param>
/// <param name="ThinProvisioned">Unmapping is offered.</param>
public readonly record struct UnitCondition(
    bool Online, bool Removable, bool RemovalPrevented, bool ReadOnly, bool SoftwareWriteProtect, bool ThinProvisioned);

/// <summary>Optional on a device server: tells the condition of its unit.</summary>
public interface IUnitConditionSource
{
    /// <summary>The condition now.</summary>
    UnitCondition Condition { get; }
}

/// <summary>Optional on a factory: makes new media files (tgtimg).</summary>
public interface IMediumCreator
{
    /// <summary>Options of creation.</summary>
    Plugins.OptionSchema CreateOptions { get; }

    /// <summary>Makes a medium at <paramref name="path"/>; refuses to replace an existing file.</summary>
    /// <returns>Null when done, else why not.</returns>
    ValueTask<string?> CreateAsync(string path, Plugins.OptionValues options, CancellationToken cancellationToken);
}
