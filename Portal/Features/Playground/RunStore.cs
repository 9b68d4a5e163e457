using System.Collections.Concurrent;
using Portal.Auth;
using Portal.Components.Inputs;
using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Messages;
using Portal.Features.Budgets;
using Portal.Features.Prices;
using Portal.Operator.Prompts;
using Portal.Runner.Contract;
using Portal.Runner.Engine;

namespace Portal.Features.Playground;

/// <summary>
/// Runs prompts on the server and keeps them. A run belongs to no page: it goes on when a browser goes away, and any page finds it again by its id.
/// </summary>
public sealed partial class RunStore(
    FlowEngine engine,
    ModelResolver models,
    PromptSurroundings surroundings,
    PriceBook prices,
    RunJournal journal,
    BudgetBoard budgets,
    TimeProvider clock,
    ILogger<RunStore> logger) : IHostedService
{
    /// <summary>Runs at one time; more are refused.</summary>
    public const int MaximumConcurrent = 64;

    private readonly ConcurrentDictionary<string, Run> _running = new();
    private Task _prepared = Task.CompletedTask;

    /// <summary>Raised with the run after it began and after it ended.</summary>
    public event Action<RunSnapshot>? Changed;

    /// <summary>Begins a run and returns at once; what goes wrong is in its snapshot.</summary>
    /// <exception cref="AccessDeniedException">They may not run prompts there.</exception>
    /// <exception cref="RunRefusedException">Too many runs are under way, or a budget is used up.</exception>
    public Run Start(CurrentUser user, RunRequest request)
    {
        user.Demand(Permission.Run, request.Namespace);
        if (_running.Count >= MaximumConcurrent)
        {
            throw new RunRefusedException(GenkitStatus.ResourceExhausted, $"{MaximumConcurrent} runs are under way.",
                "Wait for one to end, or stop one.");
        }

        var now = clock.GetUtcNow();
        if (budgets.Stops.Find(new BudgetedCall(request.Namespace, Flow: null, user.Actor.Name), now) is { } stop)
        {
            throw new RunRefusedException(GenkitStatus.ResourceExhausted, stop.Explain(), "Have the budget raised, or wait until it is over.");
        }

        var run = new Run(new RunSnapshot
        {
            Id = Guid.CreateVersion7(now).ToString("N"),
            Namespace = request.Namespace,
            Prompt = request.Prompt,
            PromptHash = Prompt.HashOf(request.Content),
            Input = (JsonObject)request.Input.DeepClone(),
            StartedAt = now,
            Previews = request.Previews,
            Caller = user.Actor.Name,
            CallerId = user.Actor.Id,
            Content = request.Content,
            ModelObject = request.Model,
        });
        _running[run.Id] = run;
        _ = Task.Run(() => ExecuteAsync(run, request));
        return run;
    }

    /// <summary>A run that is under way; null when it has ended or never was.</summary>
    public Run? FindRunning(string id) => _running.GetValueOrDefault(id);

    /// <summary>A run as it is now or as it ended; null when there is none.</summary>
    public async Task<RunSnapshot?> FindAsync(string id, CancellationToken cancellationToken) =>
        FindRunning(id)?.Snapshot() ?? await journal.FindAsync(id, cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Beside the start-up, which need not wait for it.
        var now = clock.GetUtcNow();
        _prepared = Task.Run(() => PrepareAsync(now), CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>Stops all runs and waits until they are recorded.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var open = _running.Values.ToList();
        open.ForEach(run => run.Stop());
        await Task.WhenAll([.. open.Select(run => run.Ended), _prepared]).WaitAsync(cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task PrepareAsync(DateTimeOffset now)
    {
        await RecordAsync(() => journal.CloseAbandonedAsync(now, CancellationToken.None));
        try
        {
            await RunWarmUp.RunAsync(engine, CancellationToken.None);
        }
        catch (GenkitException)
        {
            // A build without the demo provider warms up with its first run.
        }
    }

    private async Task ExecuteAsync(Run run, RunRequest request)
    {
        var started = clock.GetTimestamp();
        var meter = new CallMeter(clock);
        // Recorded beside the call, not before it: the first token must not wait for the disk.
        var opened = RecordAsync(() => journal.OpenAsync(run.Snapshot()));
        Changed?.Invoke(run.Snapshot());
        try
        {
            await StreamAsync(run, request, meter, started);
        }
        catch (OperationCanceledException) when (run.Stopping.IsCancellationRequested)
        {
            run.Update(facts => Priced(facts with { State = RunState.Stopped, FinishReason = "stopped", Duration = clock.GetElapsedTime(started) }, meter));
        }
        catch (Exception exception)
        {
            var failed = RunErrors.Describe(exception, run.Id);
            if (failed.Code == "INTERNAL" && exception is not GenkitException)
            {
                Log.RunFailed(logger, run.Id, exception);
            }

            run.Update(facts => Priced(facts with
            {
                State = RunState.Failed,
                Error = failed,
                FinishReason = (exception as GenkitException)?.Usage?.FinishReason,
                Duration = clock.GetElapsedTime(started),
            }, meter));
        }

        await opened;
        await RecordAsync(() => journal.CloseAsync(run.Snapshot()));
        _running.TryRemove(run.Id, out _);
        run.End();
        Changed?.Invoke(run.Snapshot());
        run.Dispose();
    }

    private async Task StreamAsync(Run run, RunRequest request, CallMeter meter, long started)
    {
        var document = DotpromptDocument.Parse(request.Content);
        var model = models.Resolve(request.Namespace, document.Metadata, request.Model);
        var call = new GenerateCall
        {
            Prompt = document,
            Environment = surroundings.EnvironmentOf(request.Namespace, request.Prompt),
            Input = request.Input,
            Tools = surroundings.ToolsOf(request.Namespace),
            Runtime = model.Runtime,
            Credentials = model.Credentials,
            CallId = run.Id,
            PromptName = request.Prompt,
            Stream = request.Stream,
            Meter = meter,
        };
        List<ToolRequestPart> asked = [];
        await foreach (var item in engine.StreamAsync(call, run.Stopping))
        {
            switch (item)
            {
                case GenerateEvent.Started begun:
                    run.Update(facts => facts with { Provider = begun.Provider, Model = begun.Model });
                    break;
                case GenerateEvent.Chunk { Role: "model" } chunk:
                    run.Append(chunk.Content, clock.GetElapsedTime(started));
                    break;
                case GenerateEvent.ToolCalled called:
                    asked.Add(called.Request);
                    run.Update(facts => facts with { Tools = [.. facts.Tools, new RunToolCall(called.Request.Name, Text(called.Request.Input), null, false, null)] });
                    break;
                case GenerateEvent.ToolAnswered answered:
                    var index = asked.FindIndex(request => ReferenceEquals(request, answered.Request));
                    run.Update(facts => facts with { Tools = [.. facts.Tools.Select((call, place) => place == index ? Answer(call, answered) : call)] });
                    break;
                case GenerateEvent.Completed { Result: var result }:
                    run.Update(facts => Priced(facts with
                    {
                        State = RunState.Completed,
                        FinishReason = result.FinishReason,
                        Duration = clock.GetElapsedTime(started),
                    }, meter));
                    break;
            }
        }
    }

    private static RunToolCall Answer(RunToolCall call, GenerateEvent.ToolAnswered answered) =>
        call with { Output = Text(answered.Response.Output) ?? "null", Failed = answered.Failed, Duration = answered.Duration };

    private static string? Text(JsonNode? value) => value?.ToJsonString(InputJson.Compact);

    /// <summary>With what it used, and what that cost.</summary>
    private RunSnapshot Priced(RunSnapshot facts, CallMeter meter)
    {
        var used = meter.Record("");
        var told = facts with { Usage = used.Usage, Turns = used.Turns };
        return told is { Provider: { } provider, Model: { } model }
            ? told with { Cost = prices.Calculate(provider, model, told.Turns ?? [told.Usage], told.StartedAt) }
            : told;
    }

    /// <summary>History is worth less than the answer: what goes wrong with it must not take the answer away.</summary>
    private async Task RecordAsync(Func<Task> write)
    {
        try
        {
            await write();
        }
        catch (Exception exception)
        {
            // Whatever it was: a run that could not be recorded still has to end.
            Log.NotRecorded(logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Run {RunId} failed unexpectedly.")]
        public static partial void RunFailed(ILogger logger, string runId, Exception exception);

        [LoggerMessage(2, LogLevel.Error, "A run could not be recorded.")]
        public static partial void NotRecorded(ILogger logger, Exception exception);
    }
}
