using Microsoft.Extensions.Logging;
using TgtModular.Lio.Configfs;
using TgtModular.Lio.Fabrics;
using TgtModular.Plugins;
using TgtModular.Transports;

namespace TgtModular.Lio.Transport;

/// <summary>What a transport of LIO works with: the kernel's parts, which tests replace, and the host's.</summary>
/// <param name="Tree">The configuration tree.</param>
/// <param name="Sysfs">What the kernel tells of the machine.</param>
/// <param name="Modules">Loads modules.</param>
/// <param name="Rings">Answers commands.</param>
public sealed record LioKernel(IConfigfs Tree, Sysfs Sysfs, IKernelModules Modules, IRingServer Rings);

/// <summary>A transport of LIO, as its parts see it.</summary>
internal sealed class LioServices(FabricFamily family, LioKernel kernel, TransportCreateContext context)
{
    public FabricFamily Family => family;

    public LioKernel Kernel => kernel;

    public IConfigfs Tree => kernel.Tree;

    public ITransportHost Engine => context.Engine;

    public ILogger Logger => context.Host.Logger;

    public TimeProvider Clock => context.Host.Clock;

    public IStateJournal Journal => context.Host.Journal;

    public PortInventory Inventory { get; } = new(kernel.Sysfs);

    public LioSettings Settings { get; set; } = LioSettings.From(context.Options);

    /// <summary>Logs a step that could not be taken back or done without.</summary>
    public void Report(ConfigfsException failure) => Log.NotUndone(Logger, failure.Message);

    /// <summary>Runs calls that block on a thread that may.</summary>
    public Task RunAsync(Action work)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        context.Host.Workers.Queue(new Blocking(work, done));
        return done.Task;
    }

    private sealed class Blocking(Action work, TaskCompletionSource done) : IThreadPoolWorkItem
    {
        public void Execute()
        {
            try
            {
                work();
                done.SetResult();
            }
#pragma warning disable CA1031 // It is thrown where it is awaited.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                done.SetException(failure);
            }
        }
    }
}
