using TgtModular.Plugins;

namespace TgtModular.Abstractions.Tests;

[TestClass]
public sealed class OptionValuesTests
{
    private static readonly OptionSchema Schema = OptionSchema.Of(
        new OptionDefinition("path", OptionType.Path, "Where.") { Required = true },
        new OptionDefinition("size", OptionType.Size, "How much.") { Default = 512L },
        new OptionDefinition("wait", OptionType.Duration, "How long."),
        new OptionDefinition("fast", OptionType.Boolean, "Whether."));

    [TestMethod]
    public void Values_GivenElseDefaultElseNone()
    {
        OptionValues values = new(Schema, new Dictionary<string, object> { ["path"] = "/x", ["wait"] = TimeSpan.FromSeconds(2) });
        Assert.AreEqual("/x", values.RequireText("path"));
        Assert.AreEqual(512, values.GetInteger("size"));
        Assert.AreEqual(TimeSpan.FromSeconds(2), values.GetDuration("wait"));
        Assert.IsFalse(values.GetBoolean("fast"));
        Assert.IsFalse(values.Has("fast"));
        Assert.HasCount(2, values.Given);
    }

    [TestMethod]
    public void Values_UnknownOrMissing_AreRefused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => new OptionValues(Schema, new Dictionary<string, object>()));
        Assert.ThrowsExactly<ArgumentException>(() => new OptionValues(Schema, new Dictionary<string, object> { ["path"] = "", ["colour"] = "" }));
        OptionValues values = new(Schema, new Dictionary<string, object> { ["path"] = "/x" });
        Assert.ThrowsExactly<KeyNotFoundException>(() => values.GetText("colour"));
        Assert.ThrowsExactly<KeyNotFoundException>(() => values.GetInteger("colour"));
    }
}
