using System.Buffers;
using System.Globalization;
using Portal.Kubernetes.Objects;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.EventEmitters;

namespace Portal.Components.Code;

/// <summary>An object as YAML for reading, without the bookkeeping of field managers.</summary>
internal static class ObjectYaml
{
    private static readonly ISerializer s_yaml = new SerializerBuilder()
        .WithQuotingNecessaryStrings(quoteYaml1_1Strings: true).WithIndentedSequences().DisableAliases().WithNewLine("\n")
        .WithEventEmitter(next => new LinesAsTheyAre(next)).Build();

    public static string Write(KubeObject item)
    {
        var copy = item.DeepClone();
        copy.Metadata.Remove("managedFields");
        return s_yaml.Serialize(Plain(copy.Json) ?? "");
    }

    /// <summary>An object of JSON as YAML.</summary>
    public static string Write(JsonObject item) => s_yaml.Serialize(Plain(item) ?? "");

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

    /// <summary>Text of several lines as a block, so that a difference of two files is one of lines.</summary>
    private sealed class LinesAsTheyAre(IEventEmitter next) : ChainedEventEmitter(next)
    {
        private static readonly SearchValues<char> s_breaks = SearchValues.Create("\n\r\u0085\u2028\u2029\uFEFF");
        private static readonly SearchValues<char> s_escaped = SearchValues.Create("\r\u0085\u2028\u2029\uFEFF");

        public override void Emit(ScalarEventInfo eventInfo, IEmitter emitter)
        {
            if (eventInfo.Source.Value is string text && text.AsSpan().ContainsAny(s_breaks))
            {
                // A block ends its lines its own way; only escapes keep the others apart.
                eventInfo.Style = text.AsSpan().ContainsAny(s_escaped) ? ScalarStyle.DoubleQuoted : ScalarStyle.Literal;
            }

            base.Emit(eventInfo, emitter);
        }
    }
}
