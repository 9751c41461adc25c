using TgtModular.Core.Commands;
using TgtModular.Plugins;

namespace TgtModular.Core.Units;

/// <summary>Runs a unit's blocking commands on the worker pool, a bounded number at a time, so that one slow unit leaves threads to the others.</summary>
internal sealed class UnitDispatcher(IWorkerPool workers, int maximumThreads)
{
    private readonly Lock _gate = new();
    private readonly Queue<CoreCommand> _waiting = new();
    private int _active;

    public void Queue(CoreCommand command)
    {
        lock (_gate)
        {
            if (_active == maximumThreads)
            {
                _waiting.Enqueue(command);
                return;
            }

            _active++;
        }

        workers.Queue(command);
    }

    /// <summary>For the worker that has finished a command: the next one, or null when it may go.</summary>
    public CoreCommand? TakeNext()
    {
        lock (_gate)
        {
            if (_waiting.TryDequeue(out CoreCommand? next)) return next;
            _active--;
            return null;
        }
    }
}
