using Portal.Runner.Engine;

namespace Portal.Runner.Providers.Http;

/// <summary>Writes merged config into a vendor's request: common names are translated, native ones pass through.</summary>
internal static class NativeConfig
{
    private static readonly string[] s_reserved = ["messages", "model", "stream"];

    /// <param name="body">The request so far; its members cannot be overridden.</param>
    /// <param name="config">Merged config.</param>
    /// <param name="names">Common name to the vendor's.</param>
    /// <param name="nested">Where settings go when they are not members of the body itself.</param>
    /// <exception cref="GenkitException">Config tries to replace what the runner sets.</exception>
    public static void Write(JsonObject body, JsonObject config, IReadOnlyDictionary<string, string> names, NestedSettings? nested = null)
    {
        var own = body.Select(static member => member.Key).Concat(s_reserved).ToHashSet(StringComparer.Ordinal);
        var inner = nested is null ? body : InnerOf(config, nested);
        foreach (var (key, value) in config)
        {
            var name = names.GetValueOrDefault(key, key);
            if (own.Contains(name))
            {
                throw new GenkitException(GenkitStatus.InvalidArgument, $"config.{key} is set by the runner and cannot be changed.");
            }

            if (name != nested?.Member)
            {
                var target = nested?.Outside.Contains(name) == true ? body : inner;
                target[name] = key == "stopSequences" && value is JsonValue ? new JsonArray(value.DeepClone()) : value?.DeepClone();
            }
        }

        if (nested is not null && inner.Count > 0)
        {
            body[nested.Member] = inner;
        }
    }

    /// <summary>Who writes the vendor's own nesting gets it; names written beside it win.</summary>
    private static JsonObject InnerOf(JsonObject config, NestedSettings nested) => config[nested.Member] switch
    {
        null => [],
        JsonObject written => (JsonObject)written.DeepClone(),
        _ => throw new GenkitException(GenkitStatus.InvalidArgument, $"config.{nested.Member} must be an object."),
    };
}

/// <summary>A vendor's request keeps its settings in one member.</summary>
/// <param name="Member">Name of that member.</param>
/// <param name="Outside">Settings that are members of the request all the same.</param>
internal sealed record NestedSettings(string Member, IReadOnlySet<string> Outside);
