namespace Portal.Tests.Shared;

/// <summary>How much a test run may take: <c>GENKIT_TEST_LONG=1</c> makes the generated tests many times longer, <c>GENKIT_TEST_SEED</c> repeats one.</summary>
internal static class TestMode
{
    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("GENKIT_TEST_LONG") == "1";

    /// <summary>The seed of generated input, another one each run; a failing test says it.</summary>
    public static int Seed { get; } = SeedOr(Random.Shared.Next());

    /// <summary>The seed asked for, or that of a test that does the same each run.</summary>
    public static int SeedOr(int usual) => int.TryParse(Environment.GetEnvironmentVariable("GENKIT_TEST_SEED"), out var seed) ? seed : usual;
}
