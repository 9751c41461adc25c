namespace TgtModular.Core.Control;

/// <summary>Kinds of object.</summary>
public enum ObjectKind
{
    /// <summary>A backing store.</summary>
    Store,

    /// <summary>A logical unit.</summary>
    Unit,

    /// <summary>A target.</summary>
    Target,

    /// <summary>A transport.</summary>
    Transport,
}

/// <summary>Names one object of the engine.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Name">Its name; the key of a target.</param>
public readonly record struct ObjectName(ObjectKind Kind, string Name)
{
    /// <summary>The kind for people.</summary>
    public string KindName => Kind switch
    {
        ObjectKind.Store => "store",
        ObjectKind.Unit => "unit",
        ObjectKind.Target => "target",
        _ => "transport",
    };

    /// <inheritdoc/>
    public override string ToString() => $"{KindName} '{Name}'";
}
