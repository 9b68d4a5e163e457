namespace Portal.Dotprompt.Documents;

/// <summary>A value of the frontmatter with its place in the source (offsets).</summary>
internal abstract record YamlNode(int Start, int End)
{
    /// <summary>Number of values in it, itself and expanded aliases included.</summary>
    public abstract int Size { get; }

    /// <summary>Levels below it.</summary>
    public abstract int Height { get; }

    /// <summary>A fresh JSON copy.</summary>
    public abstract JsonNode? ToJson();

    /// <summary>Where to stop marking it: a block of YAML ends only where the next begins.</summary>
    public int EndOfFirstLine(string source)
    {
        var length = source.AsSpan(Start, Math.Max(0, End - Start)).IndexOfAny('\r', '\n');
        return length < 0 ? End : Start + length;
    }
}

/// <summary>The text, unquoted and unescaped, and what it means by the core schema: null, bool, long, double or string.</summary>
internal sealed record YamlScalar(int Start, int End, string Text, object? Value) : YamlNode(Start, End)
{
    public override int Size => 1;

    public override int Height => 0;

    public override JsonNode? ToJson() => Value switch
    {
        null => null,
        bool value => JsonValue.Create(value),
        long value => JsonValue.Create(value),
        double value => double.IsFinite(value) ? JsonValue.Create(value) : null,
        _ => JsonValue.Create((string)Value),
    };
}

internal sealed record YamlSequence(int Start, int End, IReadOnlyList<YamlNode> Items) : YamlNode(Start, End)
{
    public override int Size { get; } = 1 + Items.Sum(item => item.Size);

    public override int Height { get; } = 1 + Items.Select(item => item.Height).DefaultIfEmpty(-1).Max();

    public override JsonNode ToJson() => new JsonArray([.. Items.Select(item => item.ToJson())]);
}

internal sealed record YamlEntry(YamlScalar Key, YamlNode Value);

internal sealed record YamlMapping(int Start, int End, IReadOnlyList<YamlEntry> Entries) : YamlNode(Start, End)
{
    public override int Size { get; } = 1 + Entries.Sum(entry => 1 + entry.Value.Size);

    public override int Height { get; } = 1 + Entries.Select(entry => entry.Value.Height).DefaultIfEmpty(-1).Max();

    public override JsonNode ToJson()
    {
        var result = new JsonObject();
        foreach (var entry in Entries)
        {
            result[entry.Key.Text] = entry.Value.ToJson();
        }

        return result;
    }

    public YamlEntry? Find(string key) => Entries.FirstOrDefault(entry => entry.Key.Text == key);
}
