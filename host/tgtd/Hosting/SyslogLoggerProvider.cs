using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace TgtModular.Daemon.Hosting;

/// <summary>
/// The log of a daemon in the background: lines to syslog (RFC 3164), by the socket /dev/log. Where nobody reads that, they are dropped: the daemon never
/// waits for its log.
/// </summary>
internal sealed class SyslogLoggerProvider : ILoggerProvider
{
    private const int DaemonFacility = 3 << 3;
    private const int MaximumLength = 2048;

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
    private readonly UnixDomainSocketEndPoint _reader = new("/dev/log");
    private readonly string _tag = string.Create(CultureInfo.InvariantCulture, $"tgtd[{Environment.ProcessId}]: ");

    public ILogger CreateLogger(string categoryName) => new SyslogLogger(this);

    public void Dispose() => _socket.Dispose();

    private void Write(LogLevel level, string message)
    {
        int severity = level switch
        {
            LogLevel.Critical => 2,
            LogLevel.Error => 3,
            LogLevel.Warning => 4,
            LogLevel.Information => 6,
            _ => 7,
        };
        byte[] line = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"<{DaemonFacility + severity}>{_tag}{message.ReplaceLineEndings(" ")}"));
        try
        {
            _ = _socket.SendTo(line.AsSpan(0, Math.Min(line.Length, MaximumLength)), SocketFlags.None, _reader);
        }
        catch (Exception nobody) when (nobody is SocketException or ObjectDisposedException)
        {
            // No reader, or one that does not keep up.
        }
    }

    private sealed class SyslogLogger(SyslogLoggerProvider provider) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            provider.Write(logLevel, exception is null ? formatter(state, exception) : $"{formatter(state, exception)}: {exception}");
    }
}
