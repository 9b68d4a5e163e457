using System.Diagnostics.Metrics;

namespace Portal.Endpoints;

/// <summary>The meter of what the portal itself measures. No tag takes more values than there are objects, models and states: never an id, a text or a caller.</summary>
internal static class PortalMeter
{
    public const string Name = "Portal";

    public static Meter Meter { get; } = new(Name);
}
