using TgtModular.Tgt.Protocol;

namespace TgtModular.Tgt.Tools.Tgtadm;

/// <summary>tgtadm: one request to the daemon that listens at a control port.</summary>
public static class AdminTool
{
    /// <summary>Name of the tool.</summary>
    public const string Name = "tgtadm";

    /// <summary>Runs the tool.</summary>
    /// <param name="arguments">The command line, without the program.</param>
    /// <param name="streams">Where to write.</param>
    /// <returns>The exit status.</returns>
    public static int Run(IReadOnlyList<string> arguments, ToolStreams streams) => Run(arguments, streams, ManagementSocketPath.For);

    /// <summary>Runs the tool with daemons at other places.</summary>
    /// <param name="arguments">The command line, without the program.</param>
    /// <param name="streams">Where to write.</param>
    /// <param name="socketOf">The socket of a control port.</param>
    /// <returns>The exit status.</returns>
    internal static int Run(IReadOnlyList<string> arguments, ToolStreams streams, Func<int, string> socketOf)
    {
        AdminParser parser = new(Name);
        switch (parser.Parse(arguments))
        {
            case AdminParse.Help:
                streams.Output.Write(AdminHelp.Text);
                return ExitStatus.Success;
            case AdminParse.Version:
                streams.Output.WriteLine(ToolVersion.Text);
                return ExitStatus.Success;
            case AdminParse.Wrong:
                streams.Error.WriteLine(parser.Error);
                return parser.Status;
        }

        Exchange exchange = Ask(parser.Arguments, streams, socketOf);
        if (exchange.Succeeded) streams.Output.Write(exchange.Text);
        else streams.Error.WriteLine(exchange.Text);
        return exchange.Status;
    }

    /// <summary>Asks the daemon what a command line says; for tools that do more than one thing.</summary>
    /// <returns>The daemon's text, or a complete line that tells what is wrong.</returns>
    internal static Exchange Ask(IReadOnlyList<string> arguments, ToolStreams streams)
    {
        AdminParser parser = new(Name);
        return parser.Parse(arguments) == AdminParse.Read ? Ask(parser.Arguments, streams, ManagementSocketPath.For) : new Exchange(parser.Status, parser.Error);
    }

    private static Exchange Ask(AdminArguments arguments, ToolStreams streams, Func<int, string> socketOf)
    {
        if (new AdminRules(Name).Check(arguments) is { } wrong) return new Exchange(ExitStatus.InvalidArgument, wrong);
        ManagementRequest request = AdminRequests.From(arguments);
        string socket = socketOf(arguments.ControlPort);
        DaemonConnection connection = new(socket);
        if (arguments.Debug) streams.Error.WriteLine($"{Name}: {request.Mode}/{request.Operation} to {socket}");
        Exchange exchange = connection.Exchange(request);
        if (!exchange.Succeeded) return exchange with { Text = $"{Name}: {exchange.Text}" };
        if (request is { Mode: ManagementMode.System, Operation: ManagementOperation.Delete }) connection.WaitUntilRefused();
        return exchange;
    }
}
