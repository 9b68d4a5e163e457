using Portal.Runner.Engine;

namespace Portal.Runner.Providers.Http;

/// <summary>Writes merged config into a vendor's request: common names are translated, native ones pass through.</summary>
internal static class NativeConfig
{
    /// <param name="body">The request so far; its members cannot be overridden.</param>
    /// <param name="config">Merged config.</param>
    /// <param name="names">Common name to the vendor's.</param>
    /// <exception cref="GenkitException">Config tries to replace what the runner sets.</exception>
    public static void Write(JsonObject body, JsonObject config, IReadOnlyDictionary<string, string> names)
    {
        var own = body.Select(static member => member.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var (key, value) in config)
        {
            var name = names.GetValueOrDefault(key, key);
            if (own.Contains(name))
            {
                throw new GenkitException(GenkitStatus.InvalidArgument, $"config.{key} is set by the runner and cannot be changed.");
            }

            body[name] = key == "stopSequences" && value is JsonValue ? new JsonArray(value.DeepClone()) : value?.DeepClone();
        }
    }
}
