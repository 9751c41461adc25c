using System.Diagnostics;
using System.IO.Pipes;
using System.Reflection;
using System.Runtime.InteropServices;

namespace TgtModular.Daemon.Tgt;

/// <summary>
/// Goes into the background as tgtd does: the program starts itself once more, in a session of its own, and the first one ends when the second one serves
/// - or tells why it does not. Threads make a fork of this process impossible.
/// </summary>
internal sealed partial class Background : IDisposable
{
    private const string PipeVariable = "TGTD_READY_PIPE";
    private const byte Ready = 1;
    private const int ReadWrite = 2; // O_RDWR

    private readonly AnonymousPipeClientStream _pipe;

    private Background(AnonymousPipeClientStream pipe) => _pipe = pipe;

    /// <summary>True in the process that was started to serve.</summary>
    public static bool IsChild => Environment.GetEnvironmentVariable(PipeVariable) is { Length: > 0 };

    /// <summary>Starts the process that serves, with the same command line.</summary>
    /// <returns>0 when it serves, else its exit status.</returns>
    public static async Task<int> LaunchAsync(IReadOnlyList<string> arguments)
    {
        await using var pipe = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.Inheritable);
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Add(Assembly.GetEntryAssembly()!.Location);
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        start.Environment[PipeVariable] = pipe.GetClientHandleAsString();
        using Process child = Process.Start(start)!;
        pipe.DisposeLocalCopyOfClientHandle();
        // Passed on rather than inherited: whoever waits for the end of this output must not wait for the daemon's.
        child.OutputDataReceived += (_, line) => PassOn(Console.Out, line.Data);
        child.ErrorDataReceived += (_, line) => PassOn(Console.Error, line.Data);
        child.BeginOutputReadLine();
        child.BeginErrorReadLine();
        byte[] answer = new byte[1];
        if (await pipe.ReadAsync(answer) == 1 && answer[0] == Ready) return ExitStatus.Ok;
        await child.WaitForExitAsync();
        return child.ExitCode == ExitStatus.Ok ? ExitStatus.Failed : child.ExitCode;
    }

    /// <summary>In the process that was started to serve: leaves the terminal's session.</summary>
    public static Background Enter()
    {
        string handle = Environment.GetEnvironmentVariable(PipeVariable)!;
        Environment.SetEnvironmentVariable(PipeVariable, null);
        _ = NewSession();
        return new Background(new AnonymousPipeClientStream(PipeDirection.Out, handle));
    }

    /// <summary>Tells that the daemon serves, and lets go of the terminal and of the directory it was started in, which may be unmounted then.</summary>
    public void TellReady()
    {
        Console.Out.Flush();
        Directory.SetCurrentDirectory("/");
        LetGo(); // before the first process ends: whoever waited for it finds a daemon that has let go
        try
        {
            _pipe.WriteByte(Ready);
        }
        catch (IOException)
        {
            // Whoever started it did not wait.
        }

        _pipe.Dispose();
    }

    public void Dispose() => _pipe.Dispose();

    private static void LetGo()
    {
        int nothing = Open("/dev/null", ReadWrite);
        if (nothing < 0) return;
        for (int descriptor = 0; descriptor <= 2; descriptor++) _ = Duplicate(nothing, descriptor);
        if (nothing > 2) _ = Close(nothing);
    }

    private static void PassOn(TextWriter to, string? line)
    {
        if (line is not null) to.WriteLine(line); // null is the end
    }

    [LibraryImport("libc", EntryPoint = "setsid")]
    private static partial int NewSession();

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "dup2")]
    private static partial int Duplicate(int descriptor, int to);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
