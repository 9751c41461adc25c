using Microsoft.Extensions.Logging;
using TgtModular.Plugins;
using TgtModular.Scsi;

namespace TgtModular.Core.Reservations;

/// <summary>Keeps one unit's registrations and reservation over a restart (APTPL).</summary>
internal sealed partial class ReservationJournal(IStateJournal journal, ILogger logger, string unit)
{
    private const string Key = "reservations";

    private bool _kept;

    /// <summary>Reads what was kept.</summary>
    /// <returns>
    /// What was kept, an empty state if nothing; null, with the reason, when it cannot be read: whoever goes on without it opens the unit to initiators
    /// that were locked out.
    /// </returns>
    public async ValueTask<(PersistentState? State, string Problem)> LoadAsync(CancellationToken cancellationToken)
    {
        string problem;
        try
        {
            if (await journal.LoadAsync(Key, cancellationToken) is not { } document) return (PersistentState.Empty, "");
            if (ReservationDocument.TryRead(document.Span, out problem) is { } state)
            {
                _kept = true;
                LogRestored(logger, state.Registrations.Count, state.Reservation?.Type.ToString() ?? "none");
                return (state, "");
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            problem = fault.Message;
        }

        string message = $"its persistent reservations, journal/unit/{unit}/{Key} under the state directory, cannot be used: {problem}. " +
            "Put the file back from a copy, or remove it to give the reservations up";
        LogUnusable(logger, unit, message);
        return (null, message);
    }

    /// <summary>Makes a new state durable, or what was kept go away where it shall not be kept any more.</summary>
    /// <returns>Why not, as the command's outcome; GOOD when done. Nothing has changed then.</returns>
    public async ValueTask<ScsiOutcome> SaveAsync(PersistentState state)
    {
        try
        {
            if (state.SurvivesPowerLoss && state.Registrations.Count > 0)
            {
                byte[] document = ReservationDocument.Write(state);
                if (document.Length > ReservationDocument.MaximumLength) return Sense.InsufficientRegistrationResources;
                await journal.SaveAsync(Key, document, CancellationToken.None);
                _kept = true;
            }
            else if (_kept)
            {
                await journal.RemoveAsync(Key, CancellationToken.None);
                _kept = false;
            }

            return ScsiOutcome.Good;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            LogNotSaved(logger, unit, fault);
            return Sense.InternalTargetFailure;
        }
    }

    [LoggerMessage(EventId = 220, Level = LogLevel.Information, Message = "restored {Registrations} registration(s), persistent reservation: {Reservation}")]
    private static partial void LogRestored(ILogger logger, int registrations, string reservation);

    [LoggerMessage(EventId = 221, Level = LogLevel.Error, Message = "unit {Unit} is not served: {Problem}")]
    private static partial void LogUnusable(ILogger logger, string unit, string problem);

    [LoggerMessage(EventId = 222, Level = LogLevel.Error,
        Message = "unit {Unit}: persistent reservations could not be saved; the command that changes them is refused and they stay as they were")]
    private static partial void LogNotSaved(ILogger logger, string unit, Exception fault);
}
