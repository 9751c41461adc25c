using System.Globalization;

namespace TgtModular.Lio.Configfs;

/// <summary>Backends in the tree: <c>core/user_N/NAME</c>.</summary>
/// <param name="tree">The tree.</param>
/// <param name="report">Told of what could not be taken back.</param>
internal sealed class BackendTree(IConfigfs tree, Action<ConfigfsException> report)
{
    private const string Core = "core";

    /// <summary>Makes and enables a backend, or nothing.</summary>
    /// <returns>Who keeps its reservations.</returns>
    /// <exception cref="ConfigfsException">The kernel refused a step; the steps before are taken back.</exception>
    public Reservations Create(BackendSpec spec)
    {
        using UndoList undo = new(report);
        string hba = Path.GetDirectoryName(spec.Path)!;
        if (!tree.Exists(hba))
        {
            tree.MakeDirectory(hba);
            undo.Add(() => RemoveHba(hba));
        }

        tree.MakeDirectory(spec.Path);
        undo.Add(() => tree.RemoveDirectory(spec.Path));
        tree.Write($"{spec.Path}/control", spec.Control);
        tree.Write($"{spec.Path}/attrib/cmd_time_out", ((long)spec.CommandTimeout.TotalSeconds).ToString(CultureInfo.InvariantCulture));
        WriteIfThere($"{spec.Path}/attrib/tmr_notification", "1");
        Reservations reservations = spec.Reservations == Reservations.Unit ? PassThrough(spec.Path) : Reservations.Kernel;
        tree.Write($"{spec.Path}/enable", "1");
        undo.Keep();
        return reservations;
    }

    /// <summary>Removes a backend that nothing links to, and its directory when it was the last in it.</summary>
    /// <exception cref="ConfigfsException">EBUSY: a LUN still has it.</exception>
    public void Remove(string path)
    {
        tree.RemoveDirectory(path);
        RemoveHba(Path.GetDirectoryName(path)!);
    }

    /// <summary>Removes the directory for backends of a number when nothing is in it.</summary>
    public void RemoveHba(int number) => RemoveHba(Path.GetDirectoryName(BackendSpec.PathOf(number, "x"))!);

    /// <summary>Tells the kernel, and who listens to it, of another size.</summary>
    public void Resize(string path, long size) => tree.Write($"{path}/attrib/dev_size", size.ToString(CultureInfo.InvariantCulture));

    /// <summary>
    /// Fails what is in the ring of a backend that nobody serves any more, so that its removal need not wait for timeouts (reset_ring, since Linux 4.18).
    /// </summary>
    public void FailCommands(string path)
    {
        try
        {
            WriteIfThere($"{path}/action/reset_ring", "2");
        }
        catch (ConfigfsException failure)
        {
            report(failure); // then they time out
        }
    }

    /// <summary>Who keeps the reservations of a backend that is there.</summary>
    public Reservations ReadReservations(string path)
    {
        if (Flag($"{path}/attrib/pgr_support") is false) return Reservations.Unit;
        return Flag($"{path}/attrib/emulate_pr") is false ? Reservations.Refused : Reservations.Kernel;
    }

    /// <summary>Bytes that the kernel was told of; null when it does not say.</summary>
    public long? ReadSize(string path) =>
        tree.Exists($"{path}/attrib/dev_size") &&
        long.TryParse(tree.Read($"{path}/attrib/dev_size"), NumberStyles.None, CultureInfo.InvariantCulture, out long size) ? size : null;

    /// <summary>Paths of the backends whose name begins so, in whatever directory they are.</summary>
    public IReadOnlyList<string> Find(string prefix) =>
    [
        .. from hba in tree.List(Core)
           where hba.StartsWith("user_", StringComparison.Ordinal)
           from name in tree.List($"{Core}/{hba}")
           where name.StartsWith(prefix, StringComparison.Ordinal)
           select $"{Core}/{hba}/{name}",
    ];

    /// <summary>
    /// Reservations and ALUA go to us where the kernel can pass them through: <c>pgr_support</c> and <c>alua_support</c> may be written since Linux 5.8
    /// (TRANSPORT_FLAG_PASSTHROUGH_PGR among transport_flags_changeable of tcmu_ops). Before, <c>emulate_pr</c> of 5.0 at least keeps the kernel from a
    /// second set of reservations.
    /// </summary>
    private Reservations PassThrough(string path)
    {
        _ = TryWrite($"{path}/attrib/alua_support", "0");
        if (TryWrite($"{path}/attrib/pgr_support", "0")) return Reservations.Unit;
        return TryWrite($"{path}/attrib/emulate_pr", "0") ? Reservations.Refused : Reservations.Kernel;
    }

    private bool TryWrite(string path, string value)
    {
        if (!tree.Exists(path)) return false;
        try
        {
            tree.Write(path, value);
            return true;
        }
        catch (ConfigfsException refused) when (refused.Error is Errno.AccessDenied or Errno.NotImplemented or Errno.Invalid)
        {
            return false; // an attribute of this kernel that cannot be changed
        }
    }

    private void WriteIfThere(string path, string value)
    {
        if (tree.Exists(path)) tree.Write(path, value);
    }

    private bool? Flag(string path) => tree.Exists(path) ? tree.Read(path) != "0" : null;

    private void RemoveHba(string hba)
    {
        if (!tree.Exists(hba) || tree.List(hba).Count > 0) return;
        try
        {
            tree.RemoveDirectory(hba);
        }
        catch (ConfigfsException used) when (used.Error is Errno.NotEmpty or Errno.Busy)
        {
            // Somebody has put a backend of his own there meanwhile.
        }
    }
}
