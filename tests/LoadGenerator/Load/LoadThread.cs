using TgtModular.LoadGenerator.Wire;

namespace TgtModular.LoadGenerator.Load;

/// <summary>Drives its sessions until all are done. A single session blocks in its own receive; several are polled together.</summary>
internal sealed class LoadThread(IReadOnlyList<LoadSession> sessions, LoadClock clock, TimeSpan silenceLimit)
{
    public Exception? Failure { get; private set; }

    public void Run()
    {
        try
        {
            foreach (LoadSession session in sessions)
                session.Start();
            if (sessions.Count == 1)
                RunSingle(sessions[0]);
            else
                RunMany();
            foreach (LoadSession session in sessions)
                session.Finish();
        }
        catch (Exception exception)
        {
            Failure = exception;
            clock.Cancel();
        }
    }

    private void RunSingle(LoadSession session)
    {
        Native.PollDescriptor[] both = [new() { Descriptor = session.Descriptor, Events = Native.PollIn | Native.PollOut }];
        while (!session.IsDone)
        {
            if (!session.HasOutput)
            {
                session.OnReadable(wait: true);
                continue;
            }

            _ = Native.Poll(both, (int)silenceLimit.TotalMilliseconds);
            Serve(session, both[0].Returned);
        }
    }

    private void RunMany()
    {
        List<LoadSession> active = [.. sessions];
        Native.PollDescriptor[] descriptors = new Native.PollDescriptor[active.Count];
        while (active.Count > 0)
        {
            for (int index = 0; index < active.Count; index++)
            {
                short events = active[index].HasOutput ? (short)(Native.PollIn | Native.PollOut) : Native.PollIn;
                descriptors[index] = new Native.PollDescriptor { Descriptor = active[index].Descriptor, Events = events };
            }

            if (Native.Poll(descriptors.AsSpan(0, active.Count), (int)silenceLimit.TotalMilliseconds) == 0)
                throw new Initiator.InitiatorException($"nothing from the target for {silenceLimit.TotalSeconds} s");
            for (int index = active.Count - 1; index >= 0; index--)
            {
                Serve(active[index], descriptors[index].Returned);
                if (active[index].IsDone)
                    active.RemoveAt(index);
            }
        }
    }

    private static void Serve(LoadSession session, short events)
    {
        if ((events & Native.PollOut) != 0)
            session.OnWritable();
        if ((events & ~Native.PollOut) != 0)
            session.OnReadable(wait: false);
    }
}
