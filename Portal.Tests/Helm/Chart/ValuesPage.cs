using System.Text;

namespace Portal.Tests.Helm.Chart;

/// <summary>Writes docs/chart-values.md from the schema and the default values.</summary>
internal static class ValuesPage
{
    public static string Render()
    {
        var text = new StringBuilder("""
            # Values of the chart

            Generated from `helm/genkit-portal/values.schema.json` and `values.yaml` by `./build.sh generate`. Helm checks values by the schema: a misspelt one is
            an error. How to install is in [install.md](install.md).

            | Value | Default | What it does |
            |---|---|---|

            """);
        Append(text, ValuesSchema.Instance.Root, "", HelmChart.Instance.Values);
        return text.ToString();
    }

    private static void Append(StringBuilder text, JsonObject schema, string path, JsonNode? value)
    {
        if (path.Length > 0 && path != "global")
        {
            var isGroup = schema["properties"] is not null && value is not null and not JsonArray;
            var shown = isGroup || path.Contains('*', StringComparison.Ordinal) || path.Contains("[]", StringComparison.Ordinal) ? "" : $"`{value?.ToJsonString() ?? "null"}`";
            text.Append($"| `{path}` | {shown.Replace("|", "\\|", StringComparison.Ordinal)} | {schema["description"]}{Choices(schema)} |\n");
        }

        foreach (var (name, child) in ValuesSchema.Children(schema).Where(child => child.Schema["description"] is not null))
        {
            var step = name == "[]" ? path + "[]" : path.Length == 0 ? name : $"{path}.{name}";
            Append(text, child, step, name is "*" or "[]" ? null : value?[name]);
        }
    }

    private static string Choices(JsonObject schema) =>
        schema["enum"] is JsonArray allowed ? $" One of {string.Join(", ", allowed.Select(item => $"`{item}`"))}." : "";
}
