using TgtModular.Plugins;

namespace Assets;

[ExportStore("hangs")]
public sealed class Factory : FakeStoreFactory
{
    public Factory()
    {
        using var never = new ManualResetEventSlim();
        never.Wait();
    }

    protected override string Answer() => "";
}
