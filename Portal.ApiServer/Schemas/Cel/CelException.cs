namespace Portal.ApiServer.Schemas.Cel;

/// <summary>An expression cannot be compiled; the message says where (line and column) and why.</summary>
internal sealed class CelCompileException(string message) : Exception(message)
{
    public static CelCompileException At(string source, int position, string message)
    {
        var before = source.AsSpan(0, Math.Min(position, source.Length));
        var line = before.Count('\n') + 1;
        var column = before.Length - (before.LastIndexOf('\n') + 1) + 1;
        return new CelCompileException($"ERROR: <input>:{line}:{column}: {message}");
    }
}

/// <summary>An expression has no value for these inputs. Logical operators may absorb it.</summary>
internal sealed class CelEvaluationException(string message) : Exception(message);

/// <summary>An evaluation used up what it may spend. Nothing absorbs it.</summary>
internal sealed class CelBudgetException() : Exception("operation cancelled: actual cost limit exceeded");

/// <summary>
/// What an evaluation may still spend, in units of about one step or ten characters. It bounds time and memory: nothing an expression does is free.
/// </summary>
internal sealed class CelBudget(long limit)
{
    /// <summary>Limit of one rule.</summary>
    public const long PerRule = 1_000_000;

    /// <summary>Limit of all rules on one object.</summary>
    public const long PerObject = 10_000_000;

    public long Left { get; private set; } = limit;

    /// <exception cref="CelBudgetException">There is not that much left.</exception>
    public void Spend(long units)
    {
        Left -= units;
        if (Left < 0)
        {
            throw new CelBudgetException();
        }
    }

    public void SpendText(long characters) => Spend(1 + (characters / 10));
}
