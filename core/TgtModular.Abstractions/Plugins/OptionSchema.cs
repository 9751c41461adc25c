namespace TgtModular.Plugins;

/// <summary>Type of an option's value, as it stands in TOML.</summary>
public enum OptionType
{
    /// <summary>Text. Read as <see cref="string"/>.</summary>
    Text,

    /// <summary>Whole number. Read as <see cref="long"/>.</summary>
    Integer,

    /// <summary>Number. Read as <see cref="double"/>.</summary>
    Number,

    /// <summary>true or false. Read as <see cref="bool"/>.</summary>
    Boolean,

    /// <summary>Bytes, as a whole number or as text with a unit ("20GiB", "512"). Read as <see cref="long"/>.</summary>
    Size,

    /// <summary>Time span, as seconds or as text with a unit ("15s", "200ms"). Read as <see cref="TimeSpan"/>.</summary>
    Duration,

    /// <summary>One of <see cref="OptionDefinition.Choices"/>. Read as <see cref="string"/>.</summary>
    Choice,

    /// <summary>List of texts. Read as a list of <see cref="string"/>.</summary>
    TextList,

    /// <summary>Path of a file or directory; relative ones count from the configuration file. Read as <see cref="string"/>.</summary>
    Path,
}

/// <summary>One option of a plugin.</summary>
/// <param name="Name">As written in TOML: lower case, words joined by underscores.</param>
/// <param name="Type">Type of its value.</param>
/// <param name="Help">One sentence, with the unit and the effect of leaving it out.</param>
public sealed record OptionDefinition(string Name, OptionType Type, string Help)
{
    /// <summary>True when it must be given.</summary>
    public bool Required { get; init; }

    /// <summary>Value when it is not given, in the type that <see cref="Type"/> is read as; null for none.</summary>
    public object? Default { get; init; }

    /// <summary>Allowed values of a choice.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>Smallest number, or size in bytes.</summary>
    public long? Minimum { get; init; }

    /// <summary>Largest number, or size in bytes.</summary>
    public long? Maximum { get; init; }

    /// <summary>True when the value must not appear in logs and exports.</summary>
    public bool Secret { get; init; }

    /// <summary>True when a running object can take a new value.</summary>
    public bool Mutable { get; init; }

    /// <summary>
    /// Looks at a value of the right type, as <see cref="Type"/> is read, before anything is made of it; so a configuration can be found wrong without
    /// being applied. Returns null, or what is wrong in words that follow the option's name: <c>is no address: ...</c>. Opens nothing and never blocks.
    /// </summary>
    public Func<object, string?>? Check { get; init; }
}

/// <summary>The options of a plugin's object; the core refuses every other key.</summary>
/// <param name="Definitions">The options.</param>
public sealed record OptionSchema(IReadOnlyList<OptionDefinition> Definitions)
{
    /// <summary>No options.</summary>
    public static OptionSchema Empty { get; } = new([]);

    /// <summary>A schema of these options.</summary>
    public static OptionSchema Of(params OptionDefinition[] definitions) => new(definitions);

    /// <summary>The option of that name, null when there is none.</summary>
    public OptionDefinition? Find(string name) => Definitions.FirstOrDefault(definition => definition.Name == name);
}
