using System.Runtime.CompilerServices;
using Portal.Dotprompt.Messages;
using Portal.Dotprompt.Rendering;
using Portal.Runner.Providers;
using Portal.Runner.Telemetry;
using Portal.Runner.Tools;

namespace Portal.Runner.Engine;

/// <summary>Runs prompts: the same code behind a flow's endpoint and the playground.</summary>
public sealed class FlowEngine(ProviderCatalog providers, TimeProvider timeProvider, ToolCatalog? tools = null)
{
    // Keyed by reference: a caller that keeps its environment keeps the compiled templates too.
    private readonly ConditionalWeakTable<RenderEnvironment, PromptRenderer> _renderers = [];

    internal ProviderCatalog Providers { get; } = providers;
    internal TimeProvider TimeProvider { get; } = timeProvider;
    private readonly ToolCatalog _tools = tools ?? ToolCatalog.Empty;

    /// <summary>
    /// Renders, asks the model, and calls the tools it asks for until it has answered. Ending the enumeration, or cancelling, closes the provider's
    /// connection and stops the tools.
    /// </summary>
    /// <exception cref="GenkitException">The call failed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async IAsyncEnumerable<GenerateEvent> StreamAsync(GenerateCall call, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var meter = call.Meter ?? new CallMeter(TimeProvider);
        (meter.CallId, meter.Flow, meter.Prompt) = (call.CallId, call.Flow, call.PromptName);
        var rendered = Render(call);
        var choice = ModelChoice.Resolve(Providers, call, rendered.Metadata);
        (meter.Prompt, meter.Provider, meter.Model) = (call.PromptName ?? rendered.Metadata.Name, choice.Provider.Name, choice.Model);
        var use = ToolUse.Read(rendered.Metadata.Raw);
        var retries = ModelRetries.For(choice.Plugin, TimeProvider);
        var box = await ToolBox.OpenAsync(rendered, call, _tools, cancellationToken);
        var support = ModelSupport.Of(choice, call.Runtime);
        var output = OutputFormat.Read(rendered, support.CanConstrain(withTools: box.Definitions.Count > 0));
        var request = RequestFor(call, rendered, choice, box, output, support);
        yield return new GenerateEvent.Started(rendered, choice.Provider.Name, choice.Model);

        var loop = new ToolLoop(
            asked => ModelTelemetry.Observe(retries.AskAsync(choice.Provider, asked, cancellationToken), choice.Provider.Name, asked, TimeProvider), request, box, use, new ToolCalls(_tools, box, call, TimeProvider), meter);
        await using var steps = loop.RunAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await MoveNextAsync(steps, meter))
        {
            yield return steps.Current;
        }

        var usage = meter.Record(loop.FinishReason);
        yield return new GenerateEvent.Completed(new GenerateResult
        {
            Message = loop.Answer,
            FinishReason = loop.FinishReason,
            Output = loop.AwaitsCaller ? null : output.Parse(loop.Answer.Text, usage),
            Messages = loop.Messages,
            Usage = usage,
        });
    }

    /// <summary>What was used before a failure is not lost with it.</summary>
    private static async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<GenerateEvent> steps, CallMeter meter)
    {
        try
        {
            return await steps.MoveNextAsync();
        }
        catch (GenkitException exception) when (meter.HasUsage)
        {
            exception.Usage ??= meter.Record("failed");
            throw;
        }
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

        if (call.History is [.., { Role: "tool" }])
        {
            rendered = rendered with { Messages = Resumed(rendered.Messages) };
        }

        return rendered.Messages.Any(static message => message.Content.Count > 0)
            ? rendered
            : throw new GenkitException(GenkitStatus.InvalidArgument, "The prompt renders no message: there is nothing to ask the model.");
    }

    /// <summary>A history that ends with tools' answers goes on from there: what the prompt says after it was said before the tools were asked for.</summary>
    private static List<Message> Resumed(IReadOnlyList<Message> messages)
    {
        var last = messages.Select(static message => message.Role).ToList().LastIndexOf("tool");
        return [.. messages.Take(last + 1)];
    }

    private static ModelRequest RequestFor(
        GenerateCall call, RenderedPrompt rendered, ModelChoice choice, ToolBox box, OutputFormat output, ModelSupport support) => new()
        {
            Model = choice.Model,
            Messages = support.Require(OutputInstructions.Place(rendered.Messages, output), box.Definitions.Count > 0, choice.Model),
            Config = choice.Config,
            Plugin = choice.Plugin,
            ApiKey = choice.ApiKey,
            CredentialKey = choice.CredentialKey,
            Credentials = call.Credentials,
            BaseUrl = choice.BaseUrl,
            OutputFormat = output.IsNative ? output.Name : null,
            OutputSchema = output.IsNative ? output.Schema : null,
            Tools = box.Definitions,
            Stream = call.Stream,
        };
}
