using System.Security.Cryptography;
using System.Text;
using TgtModular.Lio.Configfs;
using TgtModular.Transports;

namespace TgtModular.Lio.Transport;

/// <summary>Puts units into the kernel for one initiator, and takes them out. Used by one pass at a time.</summary>
internal sealed class Exporter(LioServices services, BackendTree backends, Leftovers leftovers)
{
    private const int HashLength = 16;

    /// <summary>Exports a unit, or serves the export anew; what goes wrong is written down where it belongs.</summary>
    public async Task EnsureAsync(Port port, PortNexus nexus, WantedInitiator wanted, MappedUnit unit, CancellationToken cancellationToken)
    {
        _ = nexus.Refused.Remove(unit.Lun);
        try
        {
            if (nexus.Exports.TryGetValue(unit.Lun, out Export? export) && export.Unit != unit.Unit) return; // the one before it is still there, and says why
            export ??= await MakeAsync(port, nexus, wanted, unit, cancellationToken);
            export.Ring ??= await ServeAsync(nexus, export.Backend, unit, cancellationToken);
            export.Problem = null;
            await FollowSizeAsync(port, export, unit);
        }
        catch (ConfigfsException refused)
        {
            Refuse(nexus, unit, Problems.Explain(port.Row, refused, services.Tree.Root));
        }
        catch (TransportException failure)
        {
            Refuse(nexus, unit, failure.Message);
        }
    }

    /// <summary>Takes an export out: its commands end first, while they are still answered.</summary>
    public async Task<bool> RemoveAsync(Port port, PortNexus nexus, Export export)
    {
        try
        {
            await services.RunAsync(() => port.Tree.Remove(port.Name, export.Place));
            if (export.Ring is { } ring) await ring.DisposeAsync();
            export.Ring = null;
            await services.RunAsync(() => backends.Remove(export.Backend.Path));
        }
        catch (ConfigfsException refused)
        {
            export.Problem = $"cannot be removed: {Problems.Explain(port.Row, refused, services.Tree.Root)}";
            return false;
        }

        _ = nexus.Exports.Remove(export.Lun);
        Log.Unexported(services.Logger, export.Unit, export.Lun.ToString(), port.Name, nexus.Initiator);
        return true;
    }

    /// <summary>Takes out an export whose ring failed, so that it is made anew.</summary>
    public async Task RemoveFailedAsync(Port port, PortNexus nexus)
    {
        foreach (Export export in nexus.Exports.Values.Where(export => export.Ring?.Failed.IsCompleted == true).ToArray())
        {
            Log.RingFailed(services.Logger, export.Backend.Path, await export.Ring!.Failed);
            await services.RunAsync(() => backends.FailCommands(export.Backend.Path));
            _ = await RemoveAsync(port, nexus, export);
        }
    }

    private static void Refuse(PortNexus nexus, MappedUnit unit, string why)
    {
        if (nexus.Exports.TryGetValue(unit.Lun, out Export? export)) export.Problem = why;
        else nexus.Refused[unit.Lun] = why;
    }

    private async Task<Export> MakeAsync(Port port, PortNexus nexus, WantedInitiator wanted, MappedUnit unit, CancellationToken cancellationToken)
    {
        BackendSpec spec = Describe(port, wanted, unit);
        _ = unit.Lun.TryGetNumber(out int lun);
        string? acl = wanted.HasAcl ? wanted.Name : null;
        Leftover? left = null;
        await services.RunAsync(() => left = leftovers.Claim(spec.Path, port.Tree, port.Name, acl, lun));
        return left is null ? await CreateAsync(port, nexus, acl, spec, unit, lun, cancellationToken) : TakeOver(port, nexus, spec, unit, left);
    }

    private Export TakeOver(Port port, PortNexus nexus, BackendSpec spec, MappedUnit unit, Leftover left)
    {
        Export export = new(unit, spec, left.Place, backends.ReadReservations(spec.Path)) { Size = backends.ReadSize(spec.Path) ?? spec.Size };
        nexus.Exports[unit.Lun] = export;
        Log.TakenOver(services.Logger, spec.Path, unit.Unit, unit.Lun.ToString(), port.Name, nexus.Initiator);
        return export;
    }

    private async Task<Export> CreateAsync(
        Port port, PortNexus nexus, string? acl, BackendSpec spec, MappedUnit unit, int lun, CancellationToken cancellationToken)
    {
        Reservations reservations = default;
        await services.RunAsync(() => reservations = backends.Create(spec));
        IRingDevice? ring = null;
        try
        {
            if (reservations == Reservations.Kernel && spec.Reservations == Reservations.Unit) throw new TransportException(Problems.NoReservations(unit.Unit));
            // A link makes the kernel ask: of a loopback at once and without patience. The answers must be there before it.
            ring = await ServeAsync(nexus, spec, unit, cancellationToken);
            PortExport place = default!;
            await services.RunAsync(() =>
            {
                place = new PortExport(spec.Path, acl is null ? lun : port.Tree.FindFreeLun(port.Name), acl, lun);
                port.Tree.Add(port.Name, place);
            });
            Export export = new(unit, spec, place, reservations) { Ring = ring };
            nexus.Exports[unit.Lun] = export;
            LogExported(port, nexus, export);
            return export;
        }
        catch (Exception failure) when (failure is ConfigfsException or TransportException or OperationCanceledException)
        {
            if (ring is not null) await ring.DisposeAsync();
            await services.RunAsync(() => Discard(spec.Path));
            throw;
        }
    }

    /// <summary>What has blocks can be read and written twice without harm; a tape, say, cannot.</summary>
    private static ValueTask<IRingDevice> ServeAsync(PortNexus nexus, BackendSpec backend, MappedUnit unit, CancellationToken cancellationToken) =>
        nexus.Rings!.ServeAsync(backend.UioName, unit.Lun, unit.Geometry is { BlockLength: > 0 }, cancellationToken);

    private void Discard(string backend)
    {
        try
        {
            backends.Remove(backend);
        }
        catch (ConfigfsException failure)
        {
            services.Report(failure);
        }
    }

    private void LogExported(Port port, PortNexus nexus, Export export)
    {
        Log.Exported(services.Logger, export.Unit, export.Lun.ToString(), port.Name, nexus.Initiator, export.Backend.Path, export.Reservations);
        if (export.Reservations == Reservations.Refused) Log.ReservationsRefused(services.Logger, export.Backend.Path, export.Unit);
    }

    private async Task FollowSizeAsync(Port port, Export export, MappedUnit unit)
    {
        long size = SizeOf(unit);
        if (unit.Geometry is null || size == export.Size) return;
        try
        {
            await services.RunAsync(() => backends.Resize(export.Backend.Path, size));
            export.Size = size;
        }
        catch (ConfigfsException refused)
        {
            // Commands go by the unit's own size, which initiators learn from it: only what the kernel tells about the backend is out of date.
            export.Problem = $"the kernel does not take its new size: {Problems.Explain(port.Row, refused, services.Tree.Root)}";
        }
    }

    private BackendSpec Describe(Port port, WantedInitiator wanted, MappedUnit unit)
    {
        string identity = $"{port.Row.Directory}/{port.Name}/{wanted.Name}/{unit.Lun}/{unit.Unit}";
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)))[..HashLength];
        int blockLength = unit.Geometry is { BlockLength: > 0 } geometry ? geometry.BlockLength : 512;
        return new BackendSpec(services.Family.Hba, services.Family.BackendPrefix + hash, $"tgtmodular/{identity}", SizeOf(unit), blockLength)
        {
            CommandTimeout = services.Settings.CommandTimeout,
            DataAreaMebibytes = services.Settings.DataAreaMebibytes,
            Reservations = wanted.IsEverybody ? Reservations.Kernel : Reservations.Unit,
        };
    }

    /// <summary>What the kernel is told: units without blocks have a block's worth, for nothing may be of no size.</summary>
    private static long SizeOf(MappedUnit unit) =>
        unit.Geometry is { BlockLength: > 0, BlockCount: > 0 } geometry ? geometry.BlockCount * geometry.BlockLength : 512;
}
