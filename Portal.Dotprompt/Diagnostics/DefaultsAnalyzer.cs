using Portal.Dotprompt.Documents;

namespace Portal.Dotprompt.Diagnostics;

/// <summary>Compares <c>input.default</c> with the input schema.</summary>
internal sealed class DefaultsAnalyzer(DiagnosticSink sink)
{
    /// <param name="name">What the message calls the value.</param>
    public void Check(YamlNode value, JsonObject schema, string name)
    {
        if (sink.IsFull)
        {
            return;
        }

        if (schema["enum"] is JsonArray choices)
        {
            if (!choices.Any(choice => JsonNode.DeepEquals(choice, value.ToJson())))
            {
                Report(value, $"The default of '{name}' is none of {string.Join(", ", choices.Select(choice => choice?.ToJsonString(DotpromptJson.Options) ?? "null"))}.");
            }

            return;
        }

        var types = TypesOf(schema);
        var type = TypeOf(value);
        if (types.Count > 0 && !types.Contains(type) && !(type == "integer" && types.Contains("number")))
        {
            Report(value, $"The default of '{name}' is {Article(type)}, but the schema says {string.Join(" or ", types)}.", Fixes(value, types));
            return;
        }

        CheckMembers(value, schema, name);
    }

    private void CheckMembers(YamlNode value, JsonObject schema, string name)
    {
        if (value is YamlMapping mapping && schema["properties"] is JsonObject properties)
        {
            foreach (var entry in mapping.Entries)
            {
                if (properties[entry.Key.Text] is JsonObject member)
                {
                    Check(entry.Value, member, name.Length == 0 ? entry.Key.Text : $"{name}.{entry.Key.Text}");
                }
            }
        }
        else if (value is YamlSequence sequence && schema["items"] is JsonObject items)
        {
            for (var i = 0; i < sequence.Items.Count; i++)
            {
                Check(sequence.Items[i], items, $"{name}[{i}]");
            }
        }
    }

    private QuickFix[] Fixes(YamlNode value, List<string> types)
    {
        if (value is not YamlScalar { Value: not null } scalar || scalar.Text.AsSpan().IndexOfAny('\n', '"', '\\') >= 0)
        {
            return [];
        }

        if (scalar.Value is not string)
        {
            return types.Contains("string") ? [sink.Fix("Write it as text", scalar.Start, scalar.End, $"\"{scalar.Text}\"")] : [];
        }

        var plain = TypeOf(new YamlScalar(0, 0, scalar.Text, YamlScalars.Resolve(scalar.Text, null, plain: true)));
        return plain is "integer" or "number" or "boolean" && (types.Contains(plain) || (plain == "integer" && types.Contains("number")))
            ? [sink.Fix("Write it without quotes", scalar.Start, scalar.End, scalar.Text)]
            : [];
    }

    private void Report(YamlNode value, string message, params ReadOnlySpan<QuickFix> fixes) =>
        sink.Add(DiagnosticSeverity.Warning, "default-type", message, value.Start, value.EndOfFirstLine(sink.Source), fixes);

    private static List<string> TypesOf(JsonObject schema) => schema["type"] switch
    {
        JsonValue value => [value.ToString()],
        JsonArray types => [.. types.Select(type => type?.ToString() ?? "null")],
        _ => [],
    };

    private static string TypeOf(YamlNode value) => value switch
    {
        YamlMapping => "object",
        YamlSequence => "array",
        YamlScalar { Value: null } => "null",
        YamlScalar { Value: bool } => "boolean",
        YamlScalar { Value: long } => "integer",
        YamlScalar { Value: double number } => double.IsInteger(number) ? "integer" : "number",
        _ => "string",
    };

    private static string Article(string type) => type switch
    {
        "null" => "empty",
        "array" or "object" or "integer" => $"an {type}",
        _ => $"a {type}",
    };
}
