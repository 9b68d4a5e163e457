namespace Portal.Runner.Reflection;

internal static class ReflectionVersion
{
    /// <summary>Of the protocol; the tools stop at a higher one than they know.</summary>
    public const int Specification = 1;

    public const string Header = "X-Genkit-Version";

    public static string Name { get; } = $"dotnet/{typeof(ReflectionVersion).Assembly.GetName().Version?.ToString(3)}";
}
