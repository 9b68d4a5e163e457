using System.Collections.Frozen;
using System.Globalization;

namespace Portal.ApiServer.Protobuf;

/// <summary>
/// Field numbers of the Kubernetes messages clients post in protobuf, one file a family, read once. A line at the margin opens a message, indented
/// lines are its fields:
/// <code>
/// kind v1/ConfigMap ConfigMap
/// ConfigMap
///   1 metadata ObjectMeta
///   2 data map&lt;string&gt;
///   4 immutable bool?
/// </code>
/// Types: string, int, bool, bytes, time, quantity, intOrString, json (bytes that hold JSON), <c>map&lt;T&gt;</c>, <c>[]T</c>, or a message of the files.
/// <c>?</c> marks a field that is written only when it is set, so that zero and empty mean something. The name <c>.</c> stands for a message whose
/// fields are the parent's in JSON.
/// </summary>
internal static class MessageTables
{
    private static readonly string[] s_files = ["meta", "core", "pods", "workloads", "traffic", "rbac", "reviews"];
    private static readonly Lazy<Tables> s_tables = new(Load);

    /// <summary>Every <c>apiVersion/kind</c> with a message.</summary>
    public static IEnumerable<string> Kinds => s_tables.Value.Kinds.Keys;

    /// <summary>The message of a kind; null when it is not known.</summary>
    public static MessageTable? ForKind(string apiVersion, string kind) =>
        s_tables.Value.Kinds.GetValueOrDefault($"{apiVersion}/{kind}") is { } name ? s_tables.Value.Messages[name] : null;

    private static Tables Load()
    {
        var kinds = new Dictionary<string, string>(StringComparer.Ordinal);
        var messages = new Dictionary<string, MessageTable>(StringComparer.Ordinal);
        foreach (var file in s_files)
        {
            using var stream = typeof(MessageTables).Assembly.GetManifestResourceStream($"Portal.ApiServer.Protobuf.Fields.{file}.fields")
                ?? throw new InvalidOperationException($"The field table {file} is not embedded.");
            using var reader = new StreamReader(stream);
            Read(reader, kinds, messages);
        }

        foreach (var field in messages.Values.SelectMany(message => message.Fields.Values))
        {
            field.Message = messages.GetValueOrDefault(field.Type);
            if (field.Message is null && !Field.IsScalar(field.Type))
            {
                throw new InvalidOperationException($"The field tables name the unknown type {field.Type}.");
            }
        }

        return new Tables(kinds.ToFrozenDictionary(StringComparer.Ordinal), messages.ToFrozenDictionary(StringComparer.Ordinal));
    }

    private static void Read(TextReader reader, Dictionary<string, string> kinds, Dictionary<string, MessageTable> messages)
    {
        MessageTable? current = null;
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (line[0] == ' ')
            {
                current!.Fields.Add(int.Parse(words[0], CultureInfo.InvariantCulture), Field.Parse(words[1], words[2]));
            }
            else if (words[0] == "kind")
            {
                kinds.Add(words[1], words[2]);
            }
            else
            {
                messages.Add(words[0], current = new MessageTable(words[0]));
            }
        }
    }

    private sealed record Tables(FrozenDictionary<string, string> Kinds, FrozenDictionary<string, MessageTable> Messages);
}

/// <summary>The fields of one message by number.</summary>
internal sealed class MessageTable(string name)
{
    public string Name { get; } = name;
    public Dictionary<int, Field> Fields { get; } = [];
}

internal enum Shape
{
    Single,
    List,
    Map,
}

/// <summary>One field.</summary>
/// <param name="Name">Name in JSON, or <c>.</c> for a message whose fields belong to the parent.</param>
/// <param name="Type">Type of the value, or of the elements of a list or map.</param>
/// <param name="Optional">Whether it is written only when set.</param>
internal sealed record Field(string Name, string Type, Shape Shape, bool Optional)
{
    public const string Inlined = ".";

    /// <summary>The table of a field that holds messages.</summary>
    public MessageTable? Message { get; set; }

    public static bool IsScalar(string type) =>
        type is "string" or "int" or "bool" or "bytes" or "time" or "quantity" or "intOrString" or "json";

    public static Field Parse(string name, string type) => type switch
    {
        ['[', ']', ..] => new Field(name, type[2..], Shape.List, false),
        ['m', 'a', 'p', '<', ..] => new Field(name, type[4..^1], Shape.Map, false),
        [.., '?'] => new Field(name, type[..^1], Shape.Single, true),
        _ => new Field(name, type, Shape.Single, false),
    };
}
