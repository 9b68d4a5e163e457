namespace Portal.Tests.Dotprompt.Differential;

internal static class RandomExtensions
{
    /// <summary>True in about <paramref name="percent"/> of a hundred.</summary>
    public static bool Chance(this Random random, int percent) => random.Next(100) < percent;

    public static T Pick<T>(this Random random, params ReadOnlySpan<T> items) => items[random.Next(items.Length)];
}
