namespace TgtModular.Toml.Reading;

/// <summary>
/// Reads dates and times (TOML 1.0.0, "Offset Date-Time" to "Local Time"; RFC 3339 section 5.6). Seconds are required; fractions are cut to 100 ns.
/// </summary>
internal static class DateTimeReader
{
    public static bool LooksLikeOne(ReadOnlySpan<char> text)
    {
        int digits = text.IndexOfAnyExceptInRange('0', '9');
        return digits > 0 && text[digits] is '-' or ':';
    }

    /// <summary>The value, or null with the reason in <paramref name="error"/>.</summary>
    public static TomlValue? Read(ReadOnlySpan<char> text, TomlPosition position, out string error)
    {
        error = string.Empty;
        var parts = default(Parts);
        string? reason = parts.Read(text);
        TomlValue? value = reason is null ? parts.ToValue(position, out reason) : null;
        if (value is null)
            error = $"'{Printable.Show(text)}' is no date or time: {reason}";
        return value;
    }

    private ref struct Parts
    {
        private ReadOnlySpan<char> _rest;
        private DateOnly _date;
        private bool _hasDate;
        private long _timeTicks;
        private bool _hasTime;
        private int _offsetMinutes;
        private bool _hasOffset;

        /// <summary>Takes the text apart; returns what is wrong, or null.</summary>
        public string? Read(ReadOnlySpan<char> text)
        {
            _rest = text;
            if (text.IndexOfAny('-', ':') is int first && text[first] == '-')
            {
                if (ReadDate() is { } wrongDate)
                    return wrongDate;
                if (_rest.IsEmpty)
                    return null;
                if (_rest[0] is not ('T' or 't' or ' '))
                    return "date and time are joined by T or one blank";
                _rest = _rest[1..];
            }

            string? wrong = ReadTime();
            if (wrong is null && _hasDate && !_rest.IsEmpty)
                wrong = ReadOffset();
            return wrong ?? (_rest.IsEmpty ? null : $"'{Printable.Show(_rest)}' is out of place");
        }

        public readonly TomlValue? ToValue(TomlPosition position, out string? reason)
        {
            reason = null;
            if (!_hasDate)
                return new TomlLocalTime(new TimeOnly(_timeTicks), position);
            if (!_hasTime)
                return new TomlLocalDate(_date, position);
            DateTime local = _date.ToDateTime(new TimeOnly(_timeTicks));
            if (!_hasOffset)
                return new TomlLocalDateTime(local, position);
            long utcTicks = local.Ticks - (_offsetMinutes * TimeSpan.TicksPerMinute);
            if (utcTicks < DateTime.MinValue.Ticks || utcTicks > DateTime.MaxValue.Ticks)
            {
                reason = "in UTC it lies outside the years 1 to 9999";
                return null;
            }

            var utc = new DateTimeOffset(utcTicks, TimeSpan.Zero);
            bool representable = Math.Abs(_offsetMinutes) <= 14 * 60;
            return new TomlOffsetDateTime(representable ? utc.ToOffset(TimeSpan.FromMinutes(_offsetMinutes)) : utc, position);
        }

        private string? ReadDate()
        {
            _hasDate = true;
            if (!TakeNumber(4, out int year) || !Take('-') || !TakeNumber(2, out int month) || !Take('-') || !TakeNumber(2, out int day))
                return "a date is written YYYY-MM-DD";
            if (year == 0)
                return "year 0000 cannot be represented";
            if (month is < 1 or > 12)
                return $"there is no month {month}";
            if (day < 1 || day > DateTime.DaysInMonth(year, month))
                return $"{year:D4}-{month:D2} has no day {day}";
            _date = new DateOnly(year, month, day);
            return null;
        }

        private string? ReadTime()
        {
            _hasTime = true;
            if (!TakeNumber(2, out int hour) || !Take(':') || !TakeNumber(2, out int minute))
                return "a time is written HH:MM:SS";
            if (!Take(':'))
                return "TOML 1.0 needs seconds: write HH:MM:SS";
            if (!TakeNumber(2, out int second))
                return "a time is written HH:MM:SS";
            if (hour > 23 || minute > 59 || second > 60)
                return "hours run to 23, minutes and seconds to 59";
            if (second == 60)
                return "a leap second cannot be represented";
            _timeTicks = new TimeSpan(hour, minute, second).Ticks;
            return Take('.') ? ReadFraction() : null;
        }

        private string? ReadFraction()
        {
            int count = _rest.IndexOfAnyExceptInRange('0', '9');
            count = count < 0 ? _rest.Length : count;
            if (count == 0)
                return "a digit is needed behind the point";
            long unit = TimeSpan.TicksPerSecond / 10;
            foreach (char digit in _rest[..count])
            {
                _timeTicks += (digit - '0') * unit;
                unit /= 10;
            }

            _rest = _rest[count..];
            return null;
        }

        private string? ReadOffset()
        {
            _hasOffset = true;
            if (Take('Z') || Take('z'))
                return null;
            bool negative = _rest[0] == '-';
            if (!Take('+') && !Take('-'))
                return $"'{Printable.Show(_rest)}' is out of place";
            if (!TakeNumber(2, out int hours) || !Take(':') || !TakeNumber(2, out int minutes))
                return "an offset is written Z, +HH:MM or -HH:MM";
            if (hours > 23 || minutes > 59)
                return "an offset's hours run to 23, its minutes to 59";
            _offsetMinutes = ((hours * 60) + minutes) * (negative ? -1 : 1);
            return null;
        }

        private bool TakeNumber(int digits, out int number)
        {
            number = 0;
            if (_rest.Length < digits || _rest[..digits].ContainsAnyExceptInRange('0', '9'))
                return false;
            foreach (char c in _rest[..digits])
                number = (number * 10) + (c - '0');
            _rest = _rest[digits..];
            return true;
        }

        private bool Take(char c)
        {
            if (_rest.IsEmpty || _rest[0] != c)
                return false;
            _rest = _rest[1..];
            return true;
        }
    }
}
