using YamlDotNet.Serialization;

namespace Portal.Operator.Manifests;

/// <summary>Writes the generated manifests as the YAML files of the chart.</summary>
public static class ManifestWriter
{
    private const string Banner = "# Generated from the kinds in Portal.Operator by ./build.sh generate. Do not edit.\n";

    private static readonly ISerializer s_yaml = new SerializerBuilder()
        .WithQuotingNecessaryStrings(quoteYaml1_1Strings: true)
        .WithIndentedSequences()
        .DisableAliases()
        .WithNewLine("\n")
        .Build();

    /// <summary>File name below the directory, and text, of every manifest.</summary>
    public static IReadOnlyDictionary<string, string> RenderAll() => CrdManifests.All.ToDictionary(
        crd => $"{(string?)crd["spec"]!["group"]}_{(string?)crd["spec"]!["names"]!["plural"]}.yaml",
        crd => Banner + s_yaml.Serialize(Plain(crd)!),
        StringComparer.Ordinal);

    /// <summary>Replaces the files in <paramref name="directory"/>, which is made when missing.</summary>
    /// <exception cref="IOException">The directory cannot be written.</exception>
    public static void WriteAll(string directory)
    {
        Directory.CreateDirectory(directory);
        foreach (var (name, text) in RenderAll())
        {
            File.WriteAllText(Path.Combine(directory, name), text);
        }
    }

    private static object? Plain(JsonNode? node) => node switch
    {
        JsonObject map => map.ToDictionary(item => item.Key, item => Plain(item.Value), StringComparer.Ordinal),
        JsonArray list => list.Select(Plain).ToList(),
        JsonValue value => value.GetValueKind() switch
        {
            JsonValueKind.String => value.GetValue<string>(),
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => long.Parse(value.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture),
        },
        _ => null,
    };
}
