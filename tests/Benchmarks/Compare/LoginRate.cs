using System.Diagnostics;
using TgtModular.LoadGenerator.Initiator;

namespace TgtModular.Benchmarks.Compare;

/// <summary>How many sessions a target opens and ends, one after the other.</summary>
internal static class LoginRate
{
    /// <summary>Logs in and out for a while.</summary>
    /// <returns>Logins per second.</returns>
    /// <exception cref="InitiatorException">The target refused one.</exception>
    public static double Measure(TargetAddress address, TimeSpan duration)
    {
        int count = 0;
        long began = Stopwatch.GetTimestamp();
        TimeSpan elapsed;
        do
        {
            using Session session = Session.Open(address, new LoginWishes());
            session.Logout();
            count++;
            elapsed = Stopwatch.GetElapsedTime(began);
        }
        while (elapsed < duration);
        return count / elapsed.TotalSeconds;
    }
}
