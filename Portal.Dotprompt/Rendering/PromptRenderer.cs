using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Portal.Dotprompt.Diagnostics;
using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Schemas;
using Portal.Dotprompt.Templates;
using Portal.Dotprompt.Text;

namespace Portal.Dotprompt.Rendering;

/// <summary>
/// Renders documents. One renderer may be used by many threads. A document keeps its compiled template and the renderer keeps compiled partials,
/// so parse a document once and keep one renderer for one environment. The JSON in a result may be shared with other results: treat it as read-only.
/// </summary>
public sealed class PromptRenderer(RenderEnvironment environment)
{
    private readonly ConcurrentDictionary<string, (string Source, Template Template)> _partials = new(StringComparer.Ordinal);
    private readonly ConditionalWeakTable<DotpromptDocument, KnownMetadata> _metadata = [];

    public RenderEnvironment Environment { get; } = environment;

    /// <exception cref="PromptRenderException">The frontmatter or the template is broken, or a partial, schema or helper is missing.</exception>
    public RenderedPrompt Render(DotpromptDocument document, RenderData data)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(data);
        var (view, template) = Compile(document);
        var metadata = RenderMetadata(document);
        using var output = new RenderOutput(inBand: Environment.StrictCompatibility);
        try
        {
            var input = MergeInput(view, data);
            new TemplateEvaluator(output, name => FindOwn(view, name) ?? FindPartial(name), Environment.StrictCompatibility).Run(template, input, MakeData(view, data, input));
            var segments = Environment.StrictCompatibility ? MessageAssembler.ParseInBand(output.Text) : output.Segments();
            return metadata with { Messages = MessageAssembler.Assemble(segments, data.Messages) };
        }
        catch (TemplateRenderException exception)
        {
            throw exception.Partial is null
                ? new PromptRenderException(exception.Message, exception) { Range = exception.Start < 0 ? null : Range(view, exception.Start, exception.End) }
                : new PromptRenderException($"In the partial '{exception.Partial}': {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is ArgumentException or JsonException)
        {
            // A JsonObject read from text finds duplicate keys, and a writer too much depth, only when it is looked into.
            throw new PromptRenderException("The input cannot be read: it has a key twice or is nested too deeply.", exception);
        }
    }

    /// <summary>What <see cref="RenderMetadata(DotpromptDocument)"/> returns, after compiling the template too.</summary>
    /// <exception cref="PromptRenderException">No input could be rendered: the frontmatter, a schema or the template itself is broken.</exception>
    public RenderedPrompt Check(DotpromptDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        var (_, template) = Compile(document);
        var cycles = new PartialCycles(name => document.Partials.GetValueOrDefault(name) ?? Environment.Partial(name));
        return cycles.FindFrom(template) is { } path
            ? throw new PromptRenderException($"The partial '{path[^1]}' calls itself without end: {string.Join(" → ", path)}.")
            : RenderMetadata(document);
    }

    private (DotpromptDocument View, Template Template) Compile(DotpromptDocument document)
    {
        var view = View(document);
        var template = view.Compiled;
        return FirstError(template) is { } error
            ? throw new PromptRenderException(error.Message) { Range = Range(view, error.Start, error.End) }
            : (view, template);
    }

    /// <summary>Metadata and schemas only; no input needed.</summary>
    /// <exception cref="PromptRenderException">The frontmatter or a schema is broken.</exception>
    public RenderedPrompt RenderMetadata(DotpromptDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        if (_metadata.TryGetValue(document, out var known) && known.Asked.TrueForAll(question => ReferenceEquals(question.Ask(), question.Answer)))
        {
            return known.Prompt;
        }

        // What a name stands for may change between calls: the result is kept together with what it asked for.
        var asked = new List<(Func<JsonObject?> Ask, JsonObject? Answer)>();
        var result = RenderMetadata(document, null, Environment with { Schema = Noting(Environment.Schema), Tool = Noting(Environment.Tool), ModelConfig = Noting(Environment.ModelConfig) });
        _metadata.AddOrUpdate(document, new KnownMetadata(result, asked));
        return result;

        Func<string, JsonObject?> Noting(Func<string, JsonObject?> find) => name =>
        {
            var answer = find(name);
            asked.Add((() => find(name), answer));
            return answer;
        };
    }

    /// <summary>Metadata with values that win over the frontmatter, key by key; their <c>config</c> is merged over the frontmatter's.</summary>
    /// <exception cref="PromptRenderException">The frontmatter or a schema is broken.</exception>
    public RenderedPrompt RenderMetadata(DotpromptDocument document, JsonObject overrides)
    {
        ArgumentNullException.ThrowIfNull(document);
        return RenderMetadata(document, overrides, Environment);
    }

    private RenderedPrompt RenderMetadata(DotpromptDocument document, JsonObject? overrides, RenderEnvironment tracking)
    {
        var view = View(document);
        try
        {
            var json = MetadataRenderer.Render(view.MetadataJson, overrides, tracking);
            var metadata = MetadataReader.ToMetadata(json);
            return new RenderedPrompt(metadata, [])
            {
                InputSchema = metadata.Input?["schema"] as JsonObject,
                OutputSchema = metadata.Output?["schema"] as JsonObject,
                OutputFormat = metadata.Output?["format"] is JsonValue value && value.TryGetValue<string>(out var format) ? format : null,
            };
        }
        catch (PicoschemaException exception)
        {
            throw new PromptRenderException(exception.Message, exception);
        }
    }

    /// <summary>The document as this environment reads it.</summary>
    private DotpromptDocument View(DotpromptDocument document)
    {
        if (Environment.StrictCompatibility)
        {
            return document.Strict;
        }

        return document.Diagnostics.FirstOrDefault(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error) is { } error
            ? throw new PromptRenderException(error.Message) { Range = error.Range }
            : document;
    }

    private object MergeInput(DotpromptDocument view, RenderData data)
    {
        var defaults = Environment.StrictCompatibility ? [] : view.Metadata.InputDefaults;
        if (defaults.Count == 0 && data.InputDefaults.Count == 0)
        {
            return data.Input;
        }

        var result = new TemplateObject();
        foreach (var layer in (ReadOnlySpan<JsonObject>)[defaults, data.InputDefaults, data.Input])
        {
            foreach (var (key, value) in layer)
            {
                result[key] = JsValue.From(value);
            }
        }

        return result;
    }

    private static RootFrame MakeData(DotpromptDocument view, RenderData data, object input) => new(input, data.Context, () => new TemplateObject
    {
        ["prompt"] = view.MetadataJson,
        ["docs"] = data.Docs,
        ["messages"] = JsonSerializer.SerializeToNode(data.Messages, DotpromptJson.Options),
    });

    private TemplateError? FirstError(Template template)
    {
        foreach (var error in template.Errors)
        {
            if (!error.IsLint || !Environment.StrictCompatibility)
            {
                return error;
            }
        }

        return null;
    }

    /// <summary>A partial that the document brings along.</summary>
    private Template? FindOwn(DotpromptDocument view, string name)
    {
        if (Environment.StrictCompatibility || !view.CompiledPartials.TryGetValue(name, out var template))
        {
            return null;
        }

        if (FirstError(template) is { } error)
        {
            var (line, _) = new LineMap(view.Partials[name]).Position(error.Start);
            throw new TemplateRenderException($"line {line}: {error.Message}") { Partial = name };
        }

        return template;
    }

    private Template? FindPartial(string name)
    {
        if (Environment.Partial(name) is not { } source)
        {
            return null;
        }

        if (_partials.TryGetValue(name, out var known) && known.Source == source)
        {
            return known.Template;
        }

        if (source.Length > DotpromptDocument.MaxLength)
        {
            throw new TemplateRenderException($"It is longer than {DotpromptDocument.MaxLength} characters.") { Partial = name };
        }

        var template = Template.Parse(source);
        if (FirstError(template) is { } error)
        {
            var (line, _) = new LineMap(source).Position(error.Start);
            throw new TemplateRenderException($"line {line}: {error.Message}") { Partial = name };
        }

        _partials[name] = (source, template);
        return template;
    }

    private static TextRange Range(DotpromptDocument view, int start, int end) =>
        view.Lines.Range(view.Parts.BodyStart + start, view.Parts.BodyStart + end);

    private sealed record KnownMetadata(RenderedPrompt Prompt, List<(Func<JsonObject?> Ask, JsonObject? Answer)> Asked);
}
