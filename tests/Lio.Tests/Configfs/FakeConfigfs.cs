using TgtModular.Lio.Configfs;

namespace TgtModular.Lio.Tests.Configfs;

/// <summary>
/// The kernel's tree as far as we use it: configfs itself (fs/configfs, Linux 6.1), the core of LIO (target_core_configfs.c,
/// target_core_fabric_configfs.c), TCMU and the fabrics. It refuses what they refuse, and writes down what changes it.
/// </summary>
internal sealed class FakeConfigfs : IConfigfs
{
    private readonly FakeNode _root = new("", null);
    private readonly HashSet<string> _locks = [];
    private readonly FakeFabrics _fabrics;

    public FakeConfigfs()
    {
        _fabrics = new FakeFabrics(this);
        Backends = new FakeBackends(this);
        FakeNode core = _root.AddDefault("core", Backends.MakeHba);
        _ = core.AddDefault("alua");
        _root.Make = _fabrics.MakeFabric;
    }

    public string Root => "/sys/kernel/config/target";

    /// <summary>False: target_core_mod is not loaded, or configfs not mounted.</summary>
    public bool IsThere { get; set; } = true;

    /// <summary>False: not root.</summary>
    public bool HasRights { get; set; } = true;

    /// <summary>Fabrics whose module is loaded.</summary>
    public HashSet<string> Fabrics { get; } = ["loopback", "vhost", "fc", "srpt", "qla2xxx", "qla2xxx_npiv", "ibmvscsis"];

    public FakeHardware Hardware { get; } = new();

    public FakeBackends Backends { get; }

    /// <summary>Calls that changed the tree.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>Refuses a call that changes the tree: its number from 0, and its text.</summary>
    public Func<int, string, Errno?>? Fault { get; set; }

    /// <summary>Names of rings that somebody answers.</summary>
    public HashSet<string> Served { get; } = [];

    /// <summary>All that was made, without what comes by itself.</summary>
    public IReadOnlyList<string> Content => [.. _root.Describe()];

    public FakeNode Node(string path) => Find(path) ?? throw new AssertFailedException($"there is no {path}");

    public bool Exists(string path) => IsThere && (Find(path) is not null || FindAttribute(path) is not null || FindLink(path) is not null);

    public IReadOnlyList<string> List(string path) => IsThere && Find(path) is { } node ? [.. node.Children.Keys, .. node.Links.Keys] : [];

    public string Read(string path)
    {
        FakeAttribute attribute = FindAttribute(path) ?? throw new ConfigfsException(ConfigfsCall.Read, path, Errno.NoEntry);
        try
        {
            return (attribute.Show?.Invoke() ?? attribute.Value).Trim();
        }
        catch (Refusal refusal)
        {
            throw new ConfigfsException(ConfigfsCall.Read, path, refusal.Error);
        }
    }

    public string ReadLink(string path) => FindLink(path)?.Path ?? throw new ConfigfsException(ConfigfsCall.Read, path, Errno.Invalid);

    public void MakeDirectory(string path) => Change(ConfigfsCall.MakeDirectory, path, null, $"mkdir {path}", () =>
    {
        FakeNode parent = Parent(path);
        string name = Last(path);
        if (parent.Children.ContainsKey(name) || parent.Links.ContainsKey(name)) throw new Refusal(Errno.Exists);
        if (parent.Make is not { } make) throw new Refusal(Errno.NotPermitted); // configfs_mkdir: nothing can be made here
        FakeNode node = new(name, parent);
        make(node);
        parent.Children[name] = node;
    });

    public void RemoveDirectory(string path) => Change(ConfigfsCall.RemoveDirectory, path, null, $"rmdir {path}", () =>
    {
        FakeNode node = Find(path) ?? throw new Refusal(Errno.NoEntry);
        if (node.IsDefault) throw new Refusal(Errno.NotPermitted); // configfs_rmdir: CONFIGFS_USET_DEFAULT
        if (node.IsHeld) throw new Refusal(Errno.Busy); // configfs_rmdir looks at this first
        node.CheckRemovable();
        node.Parent!.Children.Remove(node.Name);
        node.Drop?.Invoke();
    });

    public void Write(string path, string value) => Change(ConfigfsCall.Write, path, value, $"write {path} {value}", () =>
    {
        FakeAttribute attribute = FindAttribute(path) ?? throw new Refusal(Errno.NoEntry);
        if (attribute.Store is not { } store) throw new Refusal(Errno.AccessDenied); // the file's mode has no w
        store(value);
    });

    public void Link(string path, string target) => Change(ConfigfsCall.Link, path, target, $"link {path} {target}", () =>
    {
        FakeNode directory = Parent(path);
        if (directory.AllowLink is not { } allow) throw new Refusal(Errno.NotPermitted); // configfs_symlink
        FakeNode to = Find(target) ?? throw new Refusal(Errno.NoEntry); // get_target
        if (directory.Links.ContainsKey(Last(path)) || directory.Children.ContainsKey(Last(path))) throw new Refusal(Errno.Exists);
        allow(to);
        directory.Links[Last(path)] = to;
        to.LinkedBy++;
    });

    public void Unlink(string path) => Change(ConfigfsCall.Unlink, path, null, $"unlink {path}", () =>
    {
        FakeNode directory = Parent(path);
        if (!directory.Links.Remove(Last(path), out FakeNode? target)) throw new Refusal(Errno.NoEntry);
        directory.DropLink?.Invoke(target);
        target.LinkedBy--;
    });

    public IDisposable? TryLock(string path) => _locks.Add(path) ? new Held(() => _locks.Remove(path)) : null;

    /// <summary>What ends with a process: its locks and its rings.</summary>
    public void KillProcess()
    {
        _locks.Clear();
        Served.Clear();
    }

    private static string Last(string path) => path[(path.LastIndexOf('/') + 1)..];

    private FakeNode Parent(string path) => Find(path.Contains('/') ? path[..path.LastIndexOf('/')] : "") ?? throw new Refusal(Errno.NoEntry);

    private FakeNode? Find(string path)
    {
        FakeNode? node = _root;
        foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (node is null) return null;
            node = node.Children.GetValueOrDefault(part) ?? node.Links.GetValueOrDefault(part);
        }

        return node;
    }

    private FakeAttribute? FindAttribute(string path) =>
        Find(path.Contains('/') ? path[..path.LastIndexOf('/')] : "")?.Attributes.GetValueOrDefault(Last(path));

    private FakeNode? FindLink(string path) => Find(path.Contains('/') ? path[..path.LastIndexOf('/')] : "")?.Links.GetValueOrDefault(Last(path));

    private void Change(ConfigfsCall call, string path, string? value, string text, Action change)
    {
        try
        {
            if (!IsThere) throw new Refusal(Errno.NoEntry);
            if (!HasRights) throw new Refusal(Errno.AccessDenied);
            if (Fault?.Invoke(Calls.Count, text) is { } fault) throw new Refusal(fault);
            change();
            Calls.Add(text);
        }
        catch (Refusal refusal)
        {
            throw new ConfigfsException(call, path, refusal.Error, value);
        }
    }

    private sealed class Held(Action release) : IDisposable
    {
        public void Dispose() => release();
    }
}
