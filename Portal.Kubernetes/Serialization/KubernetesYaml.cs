using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Portal.Kubernetes.Serialization;

/// <summary>
/// Reads YAML as JSON by the rules of YAML 1.1, as Kubernetes does: <c>y</c>, <c>on</c> and <c>yes</c> are booleans and <c>0777</c> is octal.
/// Aliases are expanded up to a limit of values that counts for all documents together.
/// </summary>
public static partial class KubernetesYaml
{
    private const int MaxNodes = 200_000;
    private const int MaxDepth = 100;

    /// <summary>Parses the first document; <paramref name="duplicates"/> receives the path of every repeated key.</summary>
    /// <exception cref="JsonException">It is not YAML, or cannot be written as JSON.</exception>
    public static JsonNode? Parse(byte[] utf8, ICollection<string> duplicates)
    {
        try
        {
            var parser = new Parser(new StringReader(Encoding.UTF8.GetString(utf8)));
            parser.Consume<StreamStart>();
            return parser.TryConsume<DocumentStart>(out _) ? new Reader(parser).ReadDocument(duplicates) : null;
        }
        catch (YamlException problem)
        {
            throw Malformed(problem);
        }
    }

    /// <summary>Parses every document of a text.</summary>
    /// <exception cref="JsonException">One of them is not YAML, or cannot be written as JSON; says the line.</exception>
    public static IReadOnlyList<YamlDocument> ParseAll(string text)
    {
        try
        {
            var parser = new Parser(new StringReader(text));
            parser.Consume<StreamStart>();
            var (reader, documents) = (new Reader(parser), new List<YamlDocument>());
            while (parser.TryConsume<DocumentStart>(out _))
            {
                var (line, duplicates) = ((int)(parser.Current?.Start.Line ?? 0), new List<string>());
                documents.Add(new YamlDocument(line, reader.ReadDocument(duplicates), duplicates));
                parser.Consume<DocumentEnd>();
            }

            return documents;
        }
        catch (YamlException problem)
        {
            throw Malformed(problem);
        }
    }

    private static JsonException Malformed(YamlException problem) => new($"yaml: line {problem.Start.Line}: {problem.Message}");

    private static JsonNode? Resolve(Scalar scalar)
    {
        if (scalar.Style != ScalarStyle.Plain || scalar.Tag == "tag:yaml.org,2002:str")
        {
            return JsonValue.Create(scalar.Value);
        }

        var text = scalar.Value;
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return null;
            case "y" or "Y" or "yes" or "Yes" or "YES" or "on" or "On" or "ON" or "true" or "True" or "TRUE":
                return JsonValue.Create(true);
            case "n" or "N" or "no" or "No" or "NO" or "off" or "Off" or "OFF" or "false" or "False" or "FALSE":
                return JsonValue.Create(false);
        }

        return char.IsAsciiDigit(text[0]) || text[0] is '-' or '+' or '.' ? Number(text) ?? JsonValue.Create(text) : JsonValue.Create(text);
    }

    private static JsonNode? Number(string text)
    {
        var plain = text.Replace("_", "", StringComparison.Ordinal);
        var negative = plain.StartsWith('-');
        var digits = plain.TrimStart('-', '+');
        if (Octal().IsMatch(digits))
        {
            return Radix(digits.TrimStart('0').TrimStart('o'), 8, negative);
        }

        if (digits.StartsWith("0x", StringComparison.Ordinal) && digits.Length > 2 && digits.AsSpan(2).ContainsAnyExcept(s_hex) == false)
        {
            return Radix(digits[2..], 16, negative);
        }

        if (digits.StartsWith("0b", StringComparison.Ordinal) && digits.Length > 2 && digits.AsSpan(2).ContainsAnyExcept('0', '1') == false)
        {
            return Radix(digits[2..], 2, negative);
        }

        if (Integer().IsMatch(plain) && long.TryParse(plain, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer))
        {
            return JsonValue.Create(integer);
        }

        return Float().IsMatch(plain) && double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real)
            ? JsonValue.Create(real)
            : null;
    }

    private static readonly System.Buffers.SearchValues<char> s_hex = System.Buffers.SearchValues.Create("0123456789abcdefABCDEF");

    private static JsonNode? Radix(string digits, int radix, bool negative)
    {
        try
        {
            var value = digits.Length == 0 ? 0 : Convert.ToInt64(digits, radix);
            return JsonValue.Create(negative ? -value : value);
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    [GeneratedRegex("^[-+]?(0|[1-9][0-9]*)$", RegexOptions.CultureInvariant)]
    private static partial Regex Integer();

    [GeneratedRegex("^0o?[0-7]+$", RegexOptions.CultureInvariant)]
    private static partial Regex Octal();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Float();

    private sealed class Reader(Parser parser)
    {
        private readonly Dictionary<AnchorName, JsonNode?> _anchors = [];
        private ICollection<string> _duplicates = [];
        private int _nodes;

        public JsonNode? ReadDocument(ICollection<string> duplicates)
        {
            _duplicates = duplicates;
            _anchors.Clear();
            return ReadNode("", 0);
        }

        private JsonNode? ReadNode(string path, int depth)
        {
            Count(1);
            if (depth > MaxDepth)
            {
                throw new JsonException($"yaml: nested deeper than {MaxDepth} levels");
            }

            if (parser.TryConsume<AnchorAlias>(out var alias))
            {
                var copy = _anchors.TryGetValue(alias.Value, out var anchored)
                    ? anchored?.DeepClone()
                    : throw new JsonException($"yaml: unknown anchor '{alias.Value}' referenced");
                Count(Size(copy));
                return copy;
            }

            var start = parser.Current as NodeEvent ?? throw new JsonException("yaml: a value is missing");
            var node = parser.Current switch
            {
                Scalar scalar => ReadScalar(scalar),
                SequenceStart => ReadSequence(path, depth),
                MappingStart => ReadMapping(path, depth),
                _ => throw new JsonException("yaml: unexpected content"),
            };
            if (!start.Anchor.IsEmpty)
            {
                _anchors[start.Anchor] = node;
            }

            return node;
        }

        private JsonNode? ReadScalar(Scalar scalar)
        {
            parser.MoveNext();
            return Resolve(scalar);
        }

        private JsonArray ReadSequence(string path, int depth)
        {
            parser.Consume<SequenceStart>();
            var array = new JsonArray();
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                array.Add(ReadNode($"{path}[{array.Count}]", depth + 1));
            }

            return array;
        }

        private JsonObject ReadMapping(string path, int depth)
        {
            parser.Consume<MappingStart>();
            var mapping = new JsonObject();
            var merged = new List<JsonObject>();
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                var key = parser.Consume<Scalar>();
                var name = key.Value;
                var child = path.Length == 0 ? name : $"{path}.{name}";
                var value = ReadNode(child, depth + 1);
                if (name == "<<" && key.Style == ScalarStyle.Plain)
                {
                    merged.AddRange(value is JsonArray many ? many.OfType<JsonObject>() : value is JsonObject one ? [one] : []);
                    continue;
                }

                if (mapping.ContainsKey(name))
                {
                    _duplicates.Add(child);
                }

                mapping[name] = value;
            }

            foreach (var (name, value) in merged.SelectMany(source => source))
            {
                if (!mapping.ContainsKey(name))
                {
                    mapping[name] = value?.DeepClone();
                }
            }

            return mapping;
        }

        private void Count(int nodes)
        {
            _nodes += nodes;
            if (_nodes > MaxNodes)
            {
                throw new JsonException("yaml: document contains excessive aliasing or too many values");
            }
        }

        private static int Size(JsonNode? node) => node switch
        {
            JsonObject mapping => 1 + mapping.Sum(pair => Size(pair.Value)),
            JsonArray array => 1 + array.Sum(Size),
            _ => 1,
        };
    }
}

/// <summary>One document of a text.</summary>
/// <param name="Line">Where its content begins, from 1.</param>
/// <param name="Content">What it says.</param>
/// <param name="Duplicates">Path of every repeated key.</param>
public sealed record YamlDocument(int Line, JsonNode? Content, IReadOnlyList<string> Duplicates);
