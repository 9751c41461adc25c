using System.Globalization;
using System.Text;
using TgtModular.Lio.Configfs;

namespace TgtModular.Lio.Transport;

/// <summary>
/// The port number at which a fabric answers initiators that come by the RDMA connection manager. It is the fabric's as a whole: what somebody else has written
/// there stays, and what is ours is known by the journal.
/// </summary>
internal sealed class RdmaListener(LioServices services)
{
    private const string Key = "rdma-port";
    private const string Nothing = "0";

    private readonly string? _path = services.Family.Rows.Where(row => row.RdmaPortAttribute is not null)
        .Select(row => $"{row.Directory}/{row.RdmaPortAttribute}").FirstOrDefault();

    private string _own = Nothing;

    /// <summary>Why initiators do not get an answer there; null when all is well.</summary>
    public string? Problem { get; private set; }

    public async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        if (_path is not null && await services.Journal.LoadAsync(Key, cancellationToken) is { } document) _own = Encoding.UTF8.GetString(document.Span);
    }

    /// <summary>Has the fabric listen there, or no longer where it does on our behalf.</summary>
    /// <param name="port">The port number; null for none.</param>
    public async Task EnsureAsync(int? port)
    {
        Problem = null;
        string wanted = port?.ToString(CultureInfo.InvariantCulture) ?? Nothing;
        if (_path is null || (wanted == Nothing && _own == Nothing)) return;
        try
        {
            await ChangeAsync(wanted);
        }
        catch (ConfigfsException refused)
        {
            Problem = refused.Error == Errno.AddressInUse
                ? $"{LioOptions.RdmaPort} {wanted} is in use by something else"
                : Problems.Explain(services.Family.Rows[0], refused, services.Tree.Root);
        }
    }

    private async Task ChangeAsync(string wanted)
    {
        if (!services.Tree.Exists(_path!))
        {
            if (wanted != Nothing) Problem = $"the kernel has no {services.Tree.Root}/{_path}: leave {LioOptions.RdmaPort} out, initiators of InfiniBand do not need it";
            return;
        }

        string present = services.Tree.Read(_path!);
        bool isOthers = present != Nothing && present != _own;
        if (present != wanted && !isOthers)
        {
            if (wanted != Nothing) await SaveAsync(wanted); // before it is written: what a crash leaves behind is known for ours
            await services.RunAsync(() => services.Tree.Write(_path!, wanted));
        }
        else if (present != wanted && wanted != Nothing)
        {
            Problem = $"{services.Tree.Root}/{_path} is {present} already, by somebody else: write 0 there, or make {LioOptions.RdmaPort} {present}";
        }

        if (wanted == Nothing) await SaveAsync(Nothing);
    }

    private ValueTask SaveAsync(string own)
    {
        _own = own;
        return services.Journal.SaveAsync(Key, Encoding.UTF8.GetBytes(own), CancellationToken.None);
    }
}
