namespace Portal.Kubernetes.Runtime;

/// <summary>Growing pauses with jitter: each between half of and the full doubled time, so that many clients do not return at once.</summary>
/// <param name="initial">The first full pause.</param>
/// <param name="max">No pause is longer.</param>
/// <param name="random">Random numbers in [0, 1).</param>
internal sealed class ExponentialBackoff(TimeSpan initial, TimeSpan max, Func<double> random)
{
    private int _failures;

    public TimeSpan Next() => After(initial, max, _failures++) * (0.5 + (random() / 2));

    public void Reset() => _failures = 0;

    /// <summary>The full pause after so many failures before this one.</summary>
    public static TimeSpan After(TimeSpan initial, TimeSpan max, int failures) =>
        failures > 30 || initial * (1L << failures) > max ? max : initial * (1L << failures);
}
