namespace TgtModular.Lio.Configfs;

/// <summary>What takes back the steps of a piece of work that is not whole yet: run from the last to the first unless the work is kept.</summary>
internal sealed class UndoList(Action<ConfigfsException> report) : IDisposable
{
    private readonly Stack<Action> _steps = [];

    /// <summary>Notes how to take back what was just done.</summary>
    public void Add(Action step) => _steps.Push(step);

    /// <summary>The work is whole.</summary>
    public void Keep() => _steps.Clear();

    /// <summary>Takes back what is not kept; a step that fails is reported and the others go on.</summary>
    public void Dispose()
    {
        while (_steps.TryPop(out Action? step))
        {
            try
            {
                step();
            }
            catch (ConfigfsException failure)
            {
                report(failure);
            }
        }
    }
}
