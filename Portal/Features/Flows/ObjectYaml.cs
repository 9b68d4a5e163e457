using System.Globalization;
using Portal.Kubernetes.Objects;
using YamlDotNet.Serialization;

namespace Portal.Features.Flows;

/// <summary>An object as YAML for reading, without the bookkeeping of field managers.</summary>
internal static class ObjectYaml
{
    private static readonly ISerializer s_yaml = new SerializerBuilder()
        .WithQuotingNecessaryStrings(quoteYaml1_1Strings: true).WithIndentedSequences().DisableAliases().WithNewLine("\n").Build();

    public static string Write(KubeObject item)
    {
        var copy = item.DeepClone();
        copy.Metadata.Remove("managedFields");
        return s_yaml.Serialize(Plain(copy.Json) ?? "");
    }

    private static object? Plain(JsonNode? node) => node switch
    {
        JsonObject map => map.ToDictionary(pair => pair.Key, pair => Plain(pair.Value), StringComparer.Ordinal),
        JsonArray list => list.Select(Plain).ToList(),
        JsonValue value => value.GetValueKind() switch
        {
            JsonValueKind.String => value.GetValue<string>(),
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => long.TryParse(value.ToJsonString(), CultureInfo.InvariantCulture, out var whole)
                ? whole
                : double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture),
        },
        _ => null,
    };
}
