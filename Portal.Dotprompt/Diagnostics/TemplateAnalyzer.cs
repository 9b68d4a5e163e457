using System.Collections.Frozen;
using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Editing;
using Portal.Dotprompt.Templates;

namespace Portal.Dotprompt.Diagnostics;

/// <summary>Checks what a template refers to: variables, partials and roles.</summary>
internal sealed class TemplateAnalyzer(DotpromptDocument document, AnalysisContext context, DiagnosticSink sink, TemplateWalker walker)
{
    private static readonly FrozenDictionary<string, string> s_otherRoles = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        ["assistant"] = "model",
        ["ai"] = "model",
        ["bot"] = "model",
        ["human"] = "user",
        ["developer"] = "system",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    public void Analyze()
    {
        ReportRoles();
        ReportPartials();
        new PinAnalyzer(document, context, sink, walker).Analyze();
        ReportCycles();
        ReportUndefined();
        if (document.Compiled.Errors.Count == 0 && !walker.UsesWholeInput)
        {
            ReportUnused();
        }
    }

    private void ReportRoles()
    {
        foreach (var (call, start, end) in walker.Roles.TakeWhile(_ => !sink.IsFull))
        {
            if (call.Parameters is not [LiteralExpression { Value: string role } literal, ..] || DotpromptLanguage.Roles.Contains(role))
            {
                continue;
            }

            var (from, to) = (document.Parts.BodyStart + literal.Start, document.Parts.BodyStart + literal.End);
            var near = s_otherRoles.GetValueOrDefault(role) ?? Text.Spelling.Nearest(role, DotpromptLanguage.Roles);
            QuickFix[] fixes = near is null ? [] : [sink.Fix($"Change to {near}", from, to, $"\"{near}\"")];
            var hint = near is null ? "" : $" Did you mean '{near}'?";
            sink.Add(DiagnosticSeverity.Warning, "unknown-role", $"There is no role '{role}'; roles are {string.Join(", ", DotpromptLanguage.Roles)}.{hint}", start, end, fixes);
        }
    }

    private void ReportPartials()
    {
        if (context.Partials is null)
        {
            return;
        }

        foreach (var (name, start, end, hasFallback) in walker.Partials.TakeWhile(_ => !sink.IsFull))
        {
            if (hasFallback || name == "@partial-block" || walker.InlinePartials.Contains(name) || context.Partials.Contains(name)
                || document.Partials.ContainsKey(name) || PartialPin.Read(name) is not null)
            {
                continue;
            }

            var (hint, fixes) = sink.Suggest(name, context.Partials, start, end);
            if (context.History(name) is { } history && history.Find(history.Newest) is { } newest
                && sink.Rewrite($"Pin revision {history.Newest} of {name}", PartialPins.Pin(document, name, new PartialPin(name, history.Newest), newest)) is { } pin)
            {
                (hint, fixes) = (" It is in the library, but no flow here brings it along.", [.. fixes, pin]);
            }

            sink.Add(DiagnosticSeverity.Error, "missing-partial", $"The partial '{name}' could not be found.{hint}", start, end, fixes);
        }
    }

    private void ReportCycles()
    {
        var cycles = new PartialCycles(name => document.Partials.GetValueOrDefault(name) ?? (name == context.PartialName ? document.Template : context.PartialSource(name)));
        foreach (var (name, start, end, _) in walker.Partials.Where(partial => !walker.InlinePartials.Contains(partial.Name)).TakeWhile(_ => !sink.IsFull))
        {
            if (cycles.Find(name) is { } path)
            {
                var message = $"The partial '{name}' calls itself without end: {string.Join(" → ", path)}. Put one of the calls into an {{{{#if}}}}.";
                sink.Add(DiagnosticSeverity.Error, "partial-cycle", message, start, end);
            }
        }
    }

    private void ReportUndefined()
    {
        foreach (var use in walker.Undefined.TakeWhile(_ => !sink.IsFull))
        {
            var (hint, fixes) = sink.Suggest(use.Name, JsonSchemaPath.Names(use.Schema), use.Start, use.End);
            if (use.IsInput && AddToSchema(use.Name) is { } addition)
            {
                fixes = [.. fixes, addition];
            }

            var where = use.IsInput ? "the input schema" : "the schema of this value";
            sink.Add(DiagnosticSeverity.Warning, "undefined-variable", $"'{use.Name}' is not in {where}, so it stays empty.{hint}", use.Start, use.End, fixes);
        }
    }

    /// <summary>A new first field, where the schema is Picoschema in block style and the name needs no quotes.</summary>
    private QuickFix? AddToSchema(string name)
    {
        if (SchemaNode() is not { Entries: [var first, ..] } schema || schema.Find("type") is not null || schema.Find("properties") is not null
            || sink.Source[schema.Start] == '{' || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
        {
            return null;
        }

        var column = document.Lines.Position(first.Key.Start).Column;
        return sink.Fix($"Add {name} to the input schema", first.Key.Start, first.Key.Start, $"{name}: string\n{new string(' ', column - 1)}");
    }

    private void ReportUnused()
    {
        var used = walker.Variables.Select(variable => variable.Name).ToHashSet(StringComparer.Ordinal);
        var schema = SchemaNode();
        var isJsonSchema = schema?.Find("properties") is not null;
        var fields = isJsonSchema ? schema!.Find("properties")!.Value as YamlMapping : schema?.Find("type") is { Value: YamlScalar } ? null : schema;
        foreach (var field in fields?.Entries ?? [])
        {
            var name = isJsonSchema ? field.Key.Text : field.Key.Text.Split('(')[0].TrimEnd('?');
            if (name.Length > 0 && !used.Contains(name))
            {
                sink.Add(
                    DiagnosticSeverity.Warning,
                    "unused-variable",
                    $"The input '{name}' is never used in the template.",
                    field.Key.Start,
                    Math.Min(field.Key.End, field.Key.Start + (field.Key.Text.StartsWith(name, StringComparison.Ordinal) ? name.Length : int.MaxValue / 2)));
            }
        }
    }

    private YamlMapping? SchemaNode() => ((document.Frontmatter as YamlMapping)?.Find("input")?.Value as YamlMapping)?.Find("schema")?.Value as YamlMapping;
}
