using TgtModular.Stores.Ring;

namespace TgtModular.Stores.Tests;

/// <summary>The kernel's ring under the script of <see cref="ScriptedCalls"/>: the same names, the same answers.</summary>
internal sealed class ScriptedRing(IRing kernel, CallScript script) : IRing
{
    private readonly Queue<RingCompletion> _answers = new();

    public bool HasRoom => kernel.HasRoom;

    public void Enable() => kernel.Enable();

    public unsafe void Add(in RingRequest request)
    {
        string name = request.Call switch
        {
            RingCall.Read => "read",
            RingCall.Write => "write",
            RingCall.WriteDurably => "write-durably",
            _ => "fdatasync",
        };
        if (request.OnKernelThread) name += " on a kernel thread";
        if (script.TryAnswer(name, out nint result, request.Call == RingCall.WriteDurably ? request.Descriptor : -1))
        {
            _answers.Enqueue(new RingCompletion(request.Key, (int)result));
            return;
        }

        kernel.Add(new RingRequest
        {
            Key = request.Key,
            Call = request.Call,
            Descriptor = request.Descriptor,
            Vectors = request.Vectors,
            Count = request.Count == 0 ? 0 : script.Cut(request.Vectors, request.Count),
            Offset = request.Offset,
            OnKernelThread = request.OnKernelThread,
        });
    }

    public void Enter(bool wait)
    {
        script.Enter();
        kernel.Enter(wait && _answers.Count == 0);
    }

    public bool TryTake(out RingCompletion completion) => _answers.TryDequeue(out completion) || kernel.TryTake(out completion);

    public void Wake() => kernel.Wake();

    public void Dispose() => kernel.Dispose();
}
