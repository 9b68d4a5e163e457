namespace Portal.Runner.Providers.Http;

/// <summary>The vendors' names for ways of serving a request that have prices of their own, as one.</summary>
internal static class ServiceTiers
{
    /// <summary>Null for the usual way, whatever the vendor calls it.</summary>
    public static string? Of(string? said) => said?.ToLowerInvariant() switch
    {
        "batch" => "batch",
        "flex" => "flex",
        "priority" => "priority",
        _ => null,
    };
}
