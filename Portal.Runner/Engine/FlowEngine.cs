using System.Runtime.CompilerServices;
using System.Text;
using Portal.Dotprompt.Messages;
using Portal.Dotprompt.Rendering;
using Portal.Runner.Contract;
using Portal.Runner.Providers;

namespace Portal.Runner.Engine;

/// <summary>Runs prompts: the same code behind a flow's endpoint and the playground.</summary>
public sealed class FlowEngine(ProviderCatalog providers, TimeProvider timeProvider)
{
    // Keyed by reference: a caller that keeps its environment keeps the compiled templates too.
    private readonly ConditionalWeakTable<RenderEnvironment, PromptRenderer> _renderers = [];

    internal ProviderCatalog Providers { get; } = providers;
    internal TimeProvider TimeProvider { get; } = timeProvider;

    /// <summary>Renders and asks the model. Ending the enumeration, or cancelling, closes the provider's connection.</summary>
    /// <exception cref="GenkitException">The call failed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async IAsyncEnumerable<GenerateEvent> StreamAsync(GenerateCall call, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var startedAt = TimeProvider.GetUtcNow();
        var started = TimeProvider.GetTimestamp();
        var rendered = Render(call);
        var choice = ModelChoice.Resolve(Providers, call, rendered.Metadata);
        yield return new GenerateEvent.Started(rendered, choice.Provider.Name, choice.Model);

        var answer = new AnswerBuilder();
        TimeSpan? firstToken = null;
        await using var chunks = choice.Provider.StreamAsync(RequestFor(call, rendered, choice), cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await MoveNextAsync(chunks, choice, cancellationToken))
        {
            var chunk = chunks.Current;
            answer.Add(chunk);
            if (chunk.Content.Count > 0)
            {
                firstToken ??= TimeProvider.GetElapsedTime(started);
                yield return new GenerateEvent.Chunk(chunk.Content);
            }
        }

        var usage = new UsageRecord
        {
            CallId = call.CallId ?? Guid.CreateVersion7(startedAt).ToString("N"),
            StartedAt = startedAt,
            Flow = call.Flow,
            Prompt = call.PromptName ?? rendered.Metadata.Name,
            Provider = choice.Provider.Name,
            Model = choice.Model,
            Usage = answer.Usage,
            FinishReason = answer.FinishReason,
            TimeToFirstToken = firstToken,
            Duration = TimeProvider.GetElapsedTime(started),
        };
        yield return new GenerateEvent.Completed(new GenerateResult
        {
            Message = answer.ToMessage(),
            FinishReason = answer.FinishReason,
            Output = rendered.OutputFormat == "json" ? JsonAnswer.Parse(answer.Text, rendered.OutputSchema, usage) : null,
            Usage = usage,
        });
    }

    private RenderedPrompt Render(GenerateCall call)
    {
        RenderedPrompt rendered;
        try
        {
            var renderer = _renderers.GetValue(call.Environment, static environment => new PromptRenderer(environment));
            rendered = renderer.Render(call.Prompt, new RenderData { Input = call.Input, Messages = call.History, Context = call.Context });
        }
        catch (PromptRenderException exception)
        {
            throw new GenkitException(GenkitStatus.Internal, $"The prompt cannot be rendered: {exception.Message}", exception)
            {
                Details = exception.Range is { } range ? new JsonObject { ["line"] = range.StartLine, ["column"] = range.StartColumn } : null,
            };
        }

        if (rendered.InputSchema is { } schema)
        {
            InputCheck.Require(schema, rendered.Metadata.InputDefaults, call.Input);
        }

        var tools = rendered.Metadata.Tools.Concat(rendered.Metadata.ToolDefs.Select(static tool => tool?["name"]?.ToString() ?? "?")).ToList();
        if (tools.Count > 0)
        {
            throw new GenkitException(GenkitStatus.Unimplemented, $"The prompt uses tools, which this runner does not call: {string.Join(", ", tools)}.");
        }

        return rendered.Messages.Any(static message => message.Content.Count > 0)
            ? rendered
            : throw new GenkitException(GenkitStatus.InvalidArgument, "The prompt renders no message: there is nothing to ask the model.");
    }

    private static ModelRequest RequestFor(GenerateCall call, RenderedPrompt rendered, ModelChoice choice) => new()
    {
        Model = choice.Model,
        Messages = OutputInstructions.Place(rendered.Messages, rendered.OutputFormat, rendered.OutputSchema),
        Config = choice.Config,
        Plugin = choice.Plugin,
        ApiKey = choice.ApiKey,
        CredentialKey = choice.CredentialKey,
        BaseUrl = choice.BaseUrl,
        OutputFormat = rendered.OutputFormat,
        OutputSchema = rendered.OutputSchema,
        Stream = call.Stream,
    };

    private static async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<ModelChunk> chunks, ModelChoice choice, CancellationToken cancellationToken)
    {
        try
        {
            return await chunks.MoveNextAsync();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception) when (exception is not GenkitException)
        {
            throw ProviderErrors.From(exception, choice.Provider.Name);
        }
    }

    /// <summary>Puts an answer together from its chunks.</summary>
    private sealed class AnswerBuilder
    {
        private readonly StringBuilder _text = new();
        private readonly StringBuilder _reasoning = new();
        private readonly List<Part> _others = [];
        private string? _finishReason;
        private TokenUsage? _usage;

        public string Text => _text.ToString();
        public string FinishReason => _finishReason ?? "unknown";
        public TokenUsage Usage => _usage ?? new TokenUsage();

        public void Add(ModelChunk chunk)
        {
            foreach (var part in chunk.Content)
            {
                switch (part)
                {
                    case TextPart text:
                        _text.Append(text.Text);
                        break;
                    case ReasoningPart reasoning:
                        _reasoning.Append(reasoning.Text);
                        break;
                    default:
                        _others.Add(part);
                        break;
                }
            }

            _finishReason = chunk.FinishReason ?? _finishReason;
            _usage = chunk.Usage ?? _usage;
        }

        public Message ToMessage()
        {
            List<Part> content = [];
            if (_reasoning.Length > 0)
            {
                content.Add(new ReasoningPart(_reasoning.ToString()));
            }

            content.Add(new TextPart(Text));
            content.AddRange(_others);
            return new Message("model", content);
        }
    }
}
