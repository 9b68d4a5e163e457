using Portal.Dotprompt.Documents;
using Portal.Runner.Contract;
using Portal.Runner.Engine;
using Portal.Runner.Providers;

namespace Portal.Runner.Evaluation.Metrics;

/// <summary>A model that reads answers and says what it finds, as JSON of a given schema.</summary>
/// <param name="engine">Asks the model; retries where it is safe.</param>
/// <param name="config">The model, its plugin and its default config.</param>
/// <param name="credentials">Read at each call.</param>
/// <param name="timeout">For one judgement.</param>
internal sealed class Judge(FlowEngine engine, RuntimeConfig config, ICredentials credentials, TimeSpan timeout)
{
    /// <summary>Told what each judgement used, and asked before; null where nobody counts.</summary>
    public EvaluationAccount? Account { get; set; }

    private long _calls;
    private long _inputTokens;
    private long _outputTokens;

    public string Model => $"{config.DefaultModel!.Provider}/{config.DefaultModel.Model}";

    /// <summary>What judging used so far.</summary>
    public JsonObject Usage => new()
    {
        ["model"] = Model,
        ["calls"] = Interlocked.Read(ref _calls),
        ["inputTokens"] = Interlocked.Read(ref _inputTokens),
        ["outputTokens"] = Interlocked.Read(ref _outputTokens),
    };

    /// <exception cref="GenkitException">The model failed, or its answer does not match the prompt's schema.</exception>
    public async Task<JsonObject> AskAsync(DotpromptDocument prompt, JsonObject input, CancellationToken cancellationToken)
    {
        if (Account is not null)
        {
            await Account.WaitForJudgeAsync(cancellationToken);
        }

        using var limit = new CancellationTokenSource(timeout, engine.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var meter = new CallMeter(engine.TimeProvider);
        var call = new GenerateCall
        {
            Prompt = prompt,
            Input = input,
            Runtime = config,
            Credentials = credentials,
            Stream = false,
            Meter = meter,
            CallId = Guid.CreateVersion7(engine.TimeProvider.GetUtcNow()).ToString("N"),
        };
        try
        {
            GenerateResult? result = null;
            await foreach (var step in engine.StreamAsync(call, either.Token))
            {
                result = (step as GenerateEvent.Completed)?.Result ?? result;
            }

            Count(result!.Usage, UsageRecord.Ok);
            return result.Output as JsonObject ?? throw new GenkitException(GenkitStatus.Internal, "The judge did not answer with a JSON object.");
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            Tell(meter.Record("cancelled"), GenkitStatus.DeadlineExceeded.WireName());
            throw new GenkitException(GenkitStatus.DeadlineExceeded, $"The judge did not answer within {timeout.TotalSeconds:0.###} s.", exception);
        }
        catch (OperationCanceledException)
        {
            Tell(meter.Record("cancelled"), GenkitStatus.Cancelled.WireName());
            throw;
        }
        catch (GenkitException exception) when (exception.Usage is { } usage)
        {
            Count(usage, exception.Status.WireName());
            throw;
        }
        catch (GenkitException exception)
        {
            Tell(meter.Record("failed"), exception.Status.WireName());
            throw;
        }
    }

    private void Tell(UsageRecord usage, string outcome)
    {
        if (usage.Provider.Length > 0)
        {
            Account?.Report(usage with { Outcome = outcome });
        }
    }

    private void Count(UsageRecord usage, string outcome)
    {
        Tell(usage, outcome);
        Interlocked.Increment(ref _calls);
        Interlocked.Add(ref _inputTokens, usage.Usage.InputTokens ?? 0);
        Interlocked.Add(ref _outputTokens, usage.Usage.OutputTokens ?? 0);
    }
}
