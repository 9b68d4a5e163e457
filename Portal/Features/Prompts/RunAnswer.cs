using Portal.Features.Playground;
using Portal.Runner.Contract;

namespace Portal.Features.Prompts;

/// <summary>A run as programs see it. Money in dollars; times in milliseconds.</summary>
public sealed record RunAnswer
{
    public required string Id { get; init; }
    public required RunState State { get; init; }
    public string? Provider { get; init; }
    public string? Model { get; init; }
    public required string Output { get; init; }
    public string? FinishReason { get; init; }
    public required TokenUsage Usage { get; init; }

    /// <summary>Null when the model has no price.</summary>
    public decimal? Cost { get; init; }

    /// <summary>Says that the price is not real.</summary>
    public string? PriceLabel { get; init; }

    public double? FirstTokenMilliseconds { get; init; }
    public double? DurationMilliseconds { get; init; }
    public RunError? Error { get; init; }
    public required JsonObject Input { get; init; }

    public static RunAnswer Of(RunSnapshot run) => new()
    {
        Id = run.Id,
        State = run.State,
        Provider = run.Provider,
        Model = run.Model,
        Output = run.Output,
        FinishReason = run.FinishReason,
        Usage = run.Usage,
        Cost = run.Cost is { } cost ? cost.Micros / 1_000_000m : null,
        PriceLabel = run.Cost?.Label,
        FirstTokenMilliseconds = run.FirstToken?.TotalMilliseconds,
        DurationMilliseconds = run.Duration?.TotalMilliseconds,
        Error = run.Error,
        Input = run.Input,
    };
}
