using TgtModular.Plugins;
using TgtModular.Storage;

namespace Assets;

/// <summary>Opening starts a thread, or work of the pool, that throws; or ends the process at once.</summary>
[ExportStore("own-thread")]
public sealed class Factory : FakeStoreFactory
{
    public override ValueTask<IBackingStore> OpenAsync(StoreOpenContext context, CancellationToken cancellationToken)
    {
        switch (context.Name)
        {
            case "thread": new Thread(Throw).Start(); break;
            case "pool": ThreadPool.QueueUserWorkItem(_ => Throw()); break;
            case "async": ThrowLater(); break;
            case "die": Environment.FailFast("a fault that no handler sees"); break;
        }

        return base.OpenAsync(context, cancellationToken);
    }

    protected override string Answer() => "";

    private static void Throw() => throw new InvalidOperationException("nobody catches this");

    private static async void ThrowLater()
    {
        await Task.Yield();
        Throw();
    }
}
