namespace TgtModular.Stores;

/// <summary>
/// So many tokens per second, a tenth of a second's worth of them in hand. Who takes more than there are goes into debt and waits until it would be paid: so the mean is
/// kept whatever the size of a call, and callers are served in the order they come.
/// </summary>
internal sealed class TokenBucket
{
    private readonly double _perSecond;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private double _tokens;
    private long _filledAt;

    /// <summary>A full one.</summary>
    public TokenBucket(long perSecond, TimeProvider clock)
    {
        _perSecond = perSecond;
        _clock = clock;
        _tokens = Most;
        _filledAt = clock.GetTimestamp();
    }

    private double Most => Math.Max(1, _perSecond / 10);

    /// <summary>Takes tokens.</summary>
    /// <returns>How long the caller is to wait before it does what they are for.</returns>
    public TimeSpan Take(long count)
    {
        lock (_gate)
        {
            long now = _clock.GetTimestamp();
            _tokens = Math.Min(Most, _tokens + (_clock.GetElapsedTime(_filledAt, now).TotalSeconds * _perSecond));
            _filledAt = now;
            _tokens -= count;
            return _tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_tokens / _perSecond);
        }
    }
}
