using TgtModular.Lio.Configfs;

namespace TgtModular.Lio.Tests.Configfs;

/// <summary>The kernel says no.</summary>
internal sealed class Refusal(Errno error) : Exception(error.ToString())
{
    public Errno Error => error;
}

/// <summary>An attribute: what reading and writing it do.</summary>
internal sealed class FakeAttribute
{
    public string Value { get; set; } = "";

    public Func<string>? Show { get; init; }

    /// <summary>Checks a value and acts on it; null: the attribute cannot be written.</summary>
    public Action<string>? Store { get; init; }

    /// <summary>One that keeps what is written.</summary>
    public static FakeAttribute Plain(string value, Action<string>? check = null)
    {
        FakeAttribute? attribute = null;
        attribute = new FakeAttribute
        {
            Value = value,
            Store = text =>
            {
                check?.Invoke(text);
                attribute!.Value = text;
            },
        };
        return attribute;
    }
}

/// <summary>A directory of the tree, with the callbacks that its kernel module has for it.</summary>
internal sealed class FakeNode(string name, FakeNode? parent)
{
    public string Name => name;

    public FakeNode? Parent => parent;

    public string Path => parent is null ? "" : parent.Path.Length == 0 ? name : $"{parent.Path}/{name}";

    public SortedDictionary<string, FakeNode> Children { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, FakeNode> Links { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, FakeAttribute> Attributes { get; } = new(StringComparer.Ordinal);

    /// <summary>Links that point here (s_links of configfs).</summary>
    public int LinkedBy { get; set; }

    /// <summary>Held by somebody in the kernel (s_dependent_count of configfs).</summary>
    public bool IsHeld { get; set; }

    /// <summary>Made with its parent, not by mkdir.</summary>
    public bool IsDefault { get; init; }

    /// <summary>make_group: fills a new directory or refuses it; null: there is no mkdir here.</summary>
    public Action<FakeNode>? Make { get; set; }

    /// <summary>drop_item and release.</summary>
    public Action? Drop { get; set; }

    /// <summary>allow_link; null: nothing can be linked here.</summary>
    public Action<FakeNode>? AllowLink { get; set; }

    /// <summary>drop_link.</summary>
    public Action<FakeNode>? DropLink { get; set; }

    /// <summary>What the module keeps of it.</summary>
    public object? State { get; set; }

    /// <summary>A directory that comes with this one.</summary>
    public FakeNode AddDefault(string child, Action<FakeNode>? make = null)
    {
        FakeNode node = new(child, this) { IsDefault = true, Make = make };
        Children[child] = node;
        return node;
    }

    /// <summary>configfs_detach_prep: what is linked to is busy, what has links or made directories is not empty; default directories are looked into.</summary>
    public void CheckRemovable()
    {
        if (LinkedBy > 0) throw new Refusal(Errno.Busy);
        if (Links.Count > 0) throw new Refusal(Errno.NotEmpty);
        foreach (FakeNode child in Children.Values)
        {
            if (!child.IsDefault) throw new Refusal(Errno.NotEmpty);
            child.CheckRemovable();
        }
    }

    /// <summary>Paths below, links with their targets.</summary>
    public IEnumerable<string> Describe()
    {
        foreach (FakeNode child in Children.Values)
        {
            if (!child.IsDefault) yield return child.Path;
            foreach (string line in child.Describe()) yield return line;
        }

        foreach ((string link, FakeNode target) in Links) yield return $"{Path}/{link} -> {target.Path}";
    }
}
