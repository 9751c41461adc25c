using TgtModular.Plugins;
using TgtModular.Storage;

namespace Assets;

/// <summary>A factory that has nothing to open; the tests read what it says from its only option.</summary>
public abstract class FakeStoreFactory : IStoreFactory
{
    public OptionSchema Options => OptionSchema.Of(new OptionDefinition("answer", OptionType.Text, Answer()));

    public virtual ValueTask<IBackingStore> OpenAsync(StoreOpenContext context, CancellationToken cancellationToken) =>
        throw new StoreOpenException("there is nothing to open");

    protected abstract string Answer();
}
