using System.CommandLine;
using System.Net;
using System.Net.Sockets;

namespace TgtModular.LoadGenerator.Relay;

/// <summary>The command of the bad cable.</summary>
internal static class RelayCommand
{
    public static Command Relay()
    {
        Argument<string> listen = new("listen") { Description = "ADDRESS:PORT where initiators connect" };
        Argument<string> target = new("target") { Description = "ADDRESS:PORT of the target" };
        Option<long> every = new("--every") { Description = "A wrong bit after each so many bytes from the initiator", DefaultValueFactory = _ => 5_000_011 };
        Command command = new("relay", "Stands between initiators and a target as a bad cable: turns bits over that TCP does not miss.") { listen, target, every };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using TcpListener listener = new(IPEndPoint.Parse(parsed.GetRequiredValue(listen)));
            listener.Start();
            FlippingRelay relay = new(
                IPEndPoint.Parse(parsed.GetRequiredValue(target)), Math.Max(1, parsed.GetValue(every)), () => Console.WriteLine("a bit was turned over"));
            try
            {
                await relay.RunAsync(listener, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                // Ended as it was asked to.
            }

            return 0;
        });
        return command;
    }
}
