using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Schemas;

namespace Portal.Dotprompt.Diagnostics;

/// <summary>Checks keys, types, schemas, model and tools of the frontmatter.</summary>
internal sealed class FrontmatterAnalyzer(DotpromptDocument document, AnalysisContext context, DiagnosticSink sink)
{
    private static readonly Dictionary<string, string> s_commonTypeNames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["int"] = "integer",
        ["long"] = "integer",
        ["bool"] = "boolean",
        ["str"] = "string",
        ["text"] = "string",
        ["float"] = "number",
        ["double"] = "number",
        ["decimal"] = "number",
        ["object"] = "any",
    };

    private static readonly Dictionary<string, (double Min, double Max)> s_configRanges = new(StringComparer.Ordinal)
    {
        ["temperature"] = (0, 2),
        ["topP"] = (0, 1),
        ["topK"] = (0, 1_000_000),
        ["maxOutputTokens"] = (1, 100_000_000),
    };

    /// <summary>The input schema as JSON Schema; null when there is none or it is wrong.</summary>
    public JsonObject? InputSchema { get; private set; }

    public void Analyze()
    {
        if (document.Frontmatter is not YamlMapping root)
        {
            return;
        }

        foreach (var entry in root.Entries.TakeWhile(_ => !sink.IsFull))
        {
            AnalyzeEntry(entry);
        }
    }

    private void AnalyzeEntry(YamlEntry entry)
    {
        switch (entry.Key.Text)
        {
            case "model":
                if (RequireText(entry) is { } model)
                {
                    Refer("unknown-model", "model", model, (YamlScalar)entry.Value, context.Models);
                }

                break;
            case "name" or "variant" or "version" or "description":
                Require(entry, entry.Value is YamlScalar, "text");
                break;
            case "config":
                AnalyzeConfig(entry);
                break;
            case "input":
                if (RequireMap(entry, "default", "schema") is { } input)
                {
                    Require(input.Find("default"), node => node is YamlMapping or YamlScalar { Value: null }, "a map of values");
                    InputSchema = AnalyzeSchema(input.Find("schema"));
                    if (InputSchema is not null && input.Find("default")?.Value is YamlMapping defaults)
                    {
                        new DefaultsAnalyzer(sink).Check(defaults, InputSchema, "");
                    }
                }

                break;
            case "output":
                if (RequireMap(entry, "format", "schema", "contentType", "constrained", "instructions") is { } output)
                {
                    Require(output.Find("format"), node => node is YamlScalar { Value: string or null }, "text such as json or text");
                    AnalyzeSchema(output.Find("schema"));
                }

                break;
            case "tools":
                AnalyzeTools(entry);
                break;
            case "toolDefs":
                Require(entry, entry.Value is YamlSequence or YamlScalar { Value: null }, "a list of tool definitions");
                break;
            case "maxTurns":
                Require(entry, entry.Value is YamlScalar { Value: long and > 0 }, "a whole number above 0");
                break;
            case "returnToolRequests":
                Require(entry, entry.Value is YamlScalar { Value: bool }, "true or false");
                break;
            case "partial":
                Require(entry, entry.Value is YamlScalar { Value: bool }, "true or false");
                break;
            case "partials":
                Require(entry, entry.Value is YamlScalar { Value: null } || (entry.Value is YamlMapping texts && texts.Entries.All(text => text.Value is YamlScalar { Value: string })), "a map of names such as style@3 and their texts");
                break;
            case "metadata":
                RequireMap(entry);
                break;
            case var key when !MetadataReader.Reserved.Contains(key) && !MetadataReader.RuntimeKeys.Contains(key):
                ReportKey(entry.Key);
                break;
        }
    }

    private void ReportKey(YamlScalar key)
    {
        var dot = key.Text.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0)
        {
            ReportUnknown(key, [.. MetadataReader.Reserved, .. MetadataReader.RuntimeKeys], "is kept but has no effect.");
        }
        else if (key.Text[..dot] is var owner and ("config" or "input" or "output"))
        {
            sink.Add(
                DiagnosticSeverity.Warning, "dotted-key", $"'{key.Text}' does not set {owner}: write '{owner}:' and '{key.Text[(dot + 1)..]}:' below it, indented.", key.Start, key.End);
        }
    }

    private void ReportUnknown(YamlScalar key, IEnumerable<string> known, string consequence)
    {
        var (hint, fixes) = sink.Suggest(key.Text, known, key.Start, key.End);
        sink.Add(DiagnosticSeverity.Info, "unknown-key", $"The key '{key.Text}' {consequence}{hint}", key.Start, key.End, fixes);
    }

    private void AnalyzeConfig(YamlEntry entry)
    {
        if (!Require(entry, entry.Value is YamlMapping or YamlScalar { Value: null }, "a map such as 'temperature: 0.7'") || entry.Value is not YamlMapping config)
        {
            return;
        }

        foreach (var setting in config.Entries)
        {
            if (s_configRanges.TryGetValue(setting.Key.Text, out var range) && setting.Value is YamlScalar scalar
                && !(Number(scalar) is { } number && number >= range.Min && number <= range.Max))
            {
                sink.Add(
                    DiagnosticSeverity.Warning, "config-range", FormattableString.Invariant($"'{setting.Key.Text}' is a number from {range.Min} to {range.Max}."), scalar.Start, scalar.End);
            }
        }
    }

    private void AnalyzeTools(YamlEntry entry)
    {
        if (!Require(entry, entry.Value is YamlSequence or YamlScalar { Value: null }, "a list of names, such as [search]") || entry.Value is not YamlSequence tools)
        {
            return;
        }

        foreach (var tool in tools.Items.TakeWhile(_ => !sink.IsFull))
        {
            if (tool is YamlScalar { Value: string name } scalar)
            {
                Refer("unknown-tool", "tool", name, scalar, context.Tools);
            }
            else
            {
                sink.Add(DiagnosticSeverity.Error, "wrong-type", "A tool is given by its name, as text.", tool.Start, tool.EndOfFirstLine(sink.Source));
            }
        }
    }

    private void Refer(string code, string what, string name, YamlScalar place, IReadOnlyCollection<string>? known)
    {
        if (known is null || known.Contains(name))
        {
            return;
        }

        var (hint, fixes) = sink.Suggest(name, known, place.Start, place.End);
        sink.Add(DiagnosticSeverity.Warning, code, $"There is no {what} '{name}' here.{hint}", place.Start, place.End, fixes);
    }

    private JsonObject? AnalyzeSchema(YamlEntry? entry)
    {
        if (entry is null)
        {
            return null;
        }

        try
        {
            return Picoschema.ToJsonSchema(entry.Value.ToJson(), name => context.Schemas is null || context.Schemas.Contains(name) ? [] : null);
        }
        catch (PicoschemaException exception)
        {
            ReportSchema(entry, exception);
            return null;
        }
    }

    private void ReportSchema(YamlEntry entry, PicoschemaException exception)
    {
        var (key, value) = (entry.Key, entry.Value);
        foreach (var step in exception.Path)
        {
            if (value is YamlMapping mapping && mapping.Find(step) is { } inner)
            {
                (key, value) = (inner.Key, inner.Value);
            }
            else if (value is YamlSequence list && int.TryParse(step, out var index) && index < list.Items.Count)
            {
                value = list.Items[index];
            }
        }

        if (exception.UnknownType is { } type && value is YamlScalar scalar)
        {
            var length = Math.Min(type.Length, scalar.End - scalar.Start);
            var isPlain = sink.Source.AsSpan(scalar.Start, length).SequenceEqual(type);
            var near = s_commonTypeNames.GetValueOrDefault(type.Trim()) ?? Text.Spelling.Nearest(type.Trim(), [.. Picoschema.ScalarTypes, .. context.Schemas ?? []]);
            QuickFix[] fixes = near is not null && isPlain ? [sink.Fix($"Change to {near}", scalar.Start, scalar.Start + length, near)] : [];
            sink.Add(DiagnosticSeverity.Error, "invalid-schema", exception.Message, scalar.Start, isPlain ? scalar.Start + length : scalar.End, fixes);
            return;
        }

        var place = exception.Message.Contains("parentheses", StringComparison.Ordinal) ? key : value;
        sink.Add(DiagnosticSeverity.Error, "invalid-schema", exception.Message, place.Start, place.EndOfFirstLine(sink.Source));
    }

    private string? RequireText(YamlEntry entry) =>
        Require(entry, entry.Value is YamlScalar { Value: string or null }, "text") ? ((YamlScalar)entry.Value).Value as string : null;

    private YamlMapping? RequireMap(YamlEntry entry, params string[] known)
    {
        if (!Require(entry, entry.Value is YamlMapping or YamlScalar { Value: null }, "a map of keys and values") || entry.Value is not YamlMapping map)
        {
            return null;
        }

        foreach (var inner in map.Entries.TakeWhile(_ => !sink.IsFull))
        {
            if (known.Length > 0 && !known.Contains(inner.Key.Text))
            {
                ReportUnknown(inner.Key, known, $"has no effect in '{entry.Key.Text}'; the keys there are {string.Join(", ", known)}.");
            }
        }

        return map;
    }

    private void Require(YamlEntry? entry, Func<YamlNode, bool> holds, string expected)
    {
        if (entry is not null)
        {
            Require(entry, holds(entry.Value), expected);
        }
    }

    private bool Require(YamlEntry entry, bool holds, string expected)
    {
        if (!holds)
        {
            sink.Add(DiagnosticSeverity.Error, "wrong-type", $"'{entry.Key.Text}' must be {expected}.", entry.Value.Start, entry.Value.EndOfFirstLine(sink.Source));
        }

        return holds;
    }

    private static double? Number(YamlScalar scalar) => scalar.Value switch
    {
        long value => value,
        double value => value,
        _ => null,
    };
}
