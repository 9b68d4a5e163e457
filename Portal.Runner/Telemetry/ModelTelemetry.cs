using System.Diagnostics;
using System.Runtime.CompilerServices;
using Portal.Runner.Contract;
using Portal.Runner.Engine;
using Portal.Runner.Providers;

namespace Portal.Runner.Telemetry;

/// <summary>One span and its metrics for each turn of a model, by OpenTelemetry's conventions for generative AI. Free when nobody listens.</summary>
internal static class ModelTelemetry
{
    /// <param name="chunks">The model's answer.</param>
    /// <param name="provider">The plugin's type.</param>
    /// <param name="request">What it is asked.</param>
    public static IAsyncEnumerable<ModelChunk> Observe(IAsyncEnumerable<ModelChunk> chunks, string provider, ModelRequest request, TimeProvider timeProvider) =>
        RunnerTelemetry.Source.HasListeners() || RunnerTelemetry.OperationDuration.Enabled
            ? ObserveAsync(chunks, provider, request, timeProvider, CancellationToken.None)
            : chunks;

    private static async IAsyncEnumerable<ModelChunk> ObserveAsync(
        IAsyncEnumerable<ModelChunk> chunks, string provider, ModelRequest request, TimeProvider timeProvider, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var started = timeProvider.GetTimestamp();
        using var span = RunnerTelemetry.Source.StartActivity($"chat {request.Model}", ActivityKind.Client);
        span?.SetTag("gen_ai.operation.name", "chat").SetTag("gen_ai.provider.name", ProviderName(provider)).SetTag("gen_ai.request.model", request.Model);
        var (usage, finish, error) = ((TokenUsage?)null, (string?)null, (string?)"cancelled"); // what it is when nobody reads on
        try
        {
            await using var steps = chunks.GetAsyncEnumerator(cancellationToken);
            while (true)
            {
                try
                {
                    if (!await steps.MoveNextAsync())
                    {
                        error = null;
                        break;
                    }
                }
                catch (GenkitException exception)
                {
                    error = exception.Status.WireName();
                    throw;
                }

                (usage, finish) = (steps.Current.Usage ?? usage, steps.Current.FinishReason ?? finish);
                yield return steps.Current;
            }
        }
        finally
        {
            Close(span, usage, finish, error);
            Measure(provider, request.Model, timeProvider.GetElapsedTime(started), usage, error);
        }
    }

    private static void Close(Activity? span, TokenUsage? usage, string? finish, string? error)
    {
        if (span is null)
        {
            return;
        }

        span.SetTag("gen_ai.usage.input_tokens", usage?.InputTokens).SetTag("gen_ai.usage.output_tokens", usage?.OutputTokens)
            .SetTag("gen_ai.usage.cache_read.input_tokens", usage?.CachedInputTokens).SetTag("gen_ai.usage.cache_creation.input_tokens", usage?.CacheWriteTokens)
            .SetTag("gen_ai.usage.reasoning.output_tokens", usage?.ReasoningTokens)
            .SetTag("gen_ai.response.finish_reasons", finish is null ? null : new[] { finish });
        if (error is not null)
        {
            span.SetTag("error.type", error).SetStatus(ActivityStatusCode.Error);
        }
    }

    private static void Measure(string provider, string model, TimeSpan duration, TokenUsage? usage, string? error)
    {
        var tags = new TagList { { "gen_ai.operation.name", "chat" }, { "gen_ai.provider.name", ProviderName(provider) }, { "gen_ai.request.model", model } };
        Count("input", usage?.InputTokens);
        Count("output", usage?.OutputTokens);
        if (error is not null)
        {
            tags.Add("error.type", error);
        }

        RunnerTelemetry.OperationDuration.Record(duration.TotalSeconds, tags);

        void Count(string type, long? tokens)
        {
            if (tokens is { } number)
            {
                var typed = tags;
                typed.Add("gen_ai.token.type", type);
                RunnerTelemetry.TokenUsage.Record(number, typed);
            }
        }
    }

    /// <summary>The conventions' names for vendors.</summary>
    private static string ProviderName(string plugin) => plugin switch
    {
        "googleai" => "gcp.gemini",
        "vertexai" => "gcp.vertex_ai",
        "bedrock" => "aws.bedrock",
        "azureaifoundry" => "azure.ai.inference",
        _ => plugin,
    };
}
