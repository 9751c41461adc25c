using System.Net;

namespace TgtModular.Iscsi.Channels;

/// <summary>
/// The byte stream under one connection. One receive and one send may be under way at the same time; <see cref="Abort"/> may come from any thread.
/// </summary>
internal interface IByteChannel : IDisposable
{
    /// <summary>The initiator's address; null where the stream has none.</summary>
    IPEndPoint? RemoteEndPoint { get; }

    /// <summary>The address the initiator connected to; null where the stream has none.</summary>
    IPEndPoint? LocalEndPoint { get; }

    /// <summary>True once the peer sends no more, whether or not what it sent has been received. Any thread, never throws.</summary>
    bool PeerHasClosed { get; }

    /// <summary>Bytes received and sent so far; zero where the stream does not know, or is gone.</summary>
    (long Received, long Sent) TransferredBytes => default;

    /// <summary>Receives at least one byte.</summary>
    /// <returns>0 when the peer sends no more.</returns>
    /// <exception cref="IOException">The stream is broken.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">As above.</exception>
    /// <exception cref="ObjectDisposedException">It was aborted.</exception>
    ValueTask<int> ReceiveAsync(Memory<byte> buffer);

    /// <summary>Sends every byte of the list, in order.</summary>
    /// <exception cref="IOException">The stream is broken.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">As above.</exception>
    /// <exception cref="ObjectDisposedException">It was aborted.</exception>
    ValueTask SendAsync(SendList list);

    /// <summary>Tells the peer that nothing more comes. Never throws.</summary>
    void ShutdownSend();

    /// <summary>Ends both directions at once: operations under way fail. Idempotent, never throws.</summary>
    void Abort();
}
