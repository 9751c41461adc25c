using System.Diagnostics.CodeAnalysis;
using TgtModular.Iscsi.Connections;

namespace TgtModular.Iscsi.Sessions;

/// <summary>The sessions of a transport by handle and by identity. Any thread.</summary>
internal sealed class SessionTable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ushort, Session> _byHandle = [];
    private readonly Dictionary<SessionKey, Session> _byKey = [];
    private ushort _lastHandle;

    /// <summary>The sessions now.</summary>
    public IReadOnlyList<Session> Snapshot()
    {
        lock (_gate) return [.. _byHandle.Values];
    }

    /// <summary>Finds a session by its handle.</summary>
    public Session? Find(ushort tsih)
    {
        lock (_gate) return _byHandle.GetValueOrDefault(tsih);
    }

    /// <summary>Adds a session under a free handle, or under <paramref name="tsih"/>.</summary>
    /// <param name="key">Its identity.</param>
    /// <param name="tsih">The handle to take; 0 for a new one.</param>
    /// <param name="connection">Its connection.</param>
    /// <param name="connectionId">CID of the connection.</param>
    /// <param name="session">The session.</param>
    /// <param name="existing">The one with this identity that must end first.</param>
    /// <returns>False when one with this identity exists, or no handle is free (<paramref name="existing"/> is null then).</returns>
    public bool TryAdd(
        SessionKey key, ushort tsih, Connection connection, ushort connectionId, [NotNullWhen(true)] out Session? session, out Session? existing)
    {
        session = null;
        lock (_gate)
        {
            if (_byKey.TryGetValue(key, out existing)) return false;
            if ((tsih == 0 || _byHandle.ContainsKey(tsih)) && !TryTakeHandle(out tsih)) return false;
            session = new Session(key, tsih, connection, connectionId);
            if (!key.IsDiscovery) _byKey.Add(key, session); // discovery sessions never displace each other
            _byHandle.Add(tsih, session);
            return true;
        }
    }

    /// <summary>Removes a session and completes its <see cref="Session.Ended"/>.</summary>
    public void Remove(Session session)
    {
        lock (_gate)
        {
            if (!session.Key.IsDiscovery) _byKey.Remove(session.Key);
            _byHandle.Remove(session.Tsih);
        }

        session.SetEnded();
    }

    private bool TryTakeHandle(out ushort tsih)
    {
        tsih = 0;
        if (_byHandle.Count >= ushort.MaxValue) return false;
        do _lastHandle++;
        while (_lastHandle == 0 || _byHandle.ContainsKey(_lastHandle));
        tsih = _lastHandle;
        return true;
    }
}
