namespace Portal.ApiServer.Resources.Kinds;

/// <summary><c>events.k8s.io/v1</c>: the events of the core group under other names.</summary>
internal static class EventForm
{
    private static readonly (string Served, string Stored)[] s_names =
    [
        ("regarding", "involvedObject"), ("note", "message"), ("reportingController", "reportingComponent"), ("deprecatedSource", "source"),
        ("deprecatedFirstTimestamp", "firstTimestamp"), ("deprecatedLastTimestamp", "lastTimestamp"), ("deprecatedCount", "count"),
    ];

    public static StoredForm Form { get; } = new(
        "/events",
        target =>
        {
            foreach (var (served, stored) in s_names)
            {
                Rename(target, served, stored);
            }

            EventRules.FillAlwaysPresent(target);
        },
        target =>
        {
            foreach (var (served, stored) in s_names)
            {
                Rename(target, stored, served);
            }

            // What is empty is left out here, unlike in the core group.
            foreach (var name in (ReadOnlySpan<string>)["reportingController", "reportingInstance"])
            {
                if (target[name]?.ToString() is "")
                {
                    target.Remove(name);
                }
            }
        });

    private static void Rename(JsonObject target, string from, string to)
    {
        if (target.Remove(from, out var value))
        {
            target[to] = value;
        }
    }
}
