using TgtModular.Plugins;

namespace Assets;

[ExportStore("throws-initializer")]
public sealed class Factory : FakeStoreFactory
{
    private static readonly string State = Prepare();

    static Factory()
    {
    }

    protected override string Answer() => State;

    private static string Prepare() => throw new InvalidOperationException("the type initializer does not like it here");
}
