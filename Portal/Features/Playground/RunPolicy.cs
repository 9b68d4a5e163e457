using Microsoft.EntityFrameworkCore;
using Portal.Components.Inputs;
using Portal.Data;
using Portal.Runner.Contract;

namespace Portal.Features.Playground;

/// <summary>What a namespace keeps of its runs.</summary>
public sealed record RunPolicy
{
    public const int LongestRetention = 3650;

    public static RunPolicy Default { get; } = new();

    /// <summary>Of runs in the playground and over REST.</summary>
    public RunKeeping Playground { get; init; } = RunKeeping.Full;

    /// <summary>Of calls of flows, through the portal or straight to where they run.</summary>
    public RunKeeping Flows { get; init; } = RunKeeping.Off;

    /// <summary>Of how many of a hundred calls of flows anything is kept.</summary>
    public int SamplePercent { get; init; } = 100;

    /// <summary>How long runs are kept; those with a star stay.</summary>
    public int RetentionDays { get; init; } = 90;

    /// <summary>Variables whose values are secret, besides those whose schema says <c>writeOnly</c> or <c>format: password</c> and those named like a secret.</summary>
    public IReadOnlyList<string> SecretVariables { get; init; } = [];

    /// <summary>What of a call is kept. The same call is always decided the same way.</summary>
    public RunKeeping KeepingOf(string source, string id) => source == RunSnapshot.FromFlow ? OfCalls().KeepingOf(id) : Playground;

    /// <summary>As runners are told it.</summary>
    public ContentPolicy OfCalls() => new() { Flows = Flows, SamplePercent = SamplePercent, SecretVariables = SecretVariables };

    /// <summary>The mistake in it, with the field; null when there is none.</summary>
    public string? FindMistake() =>
        SamplePercent is < 1 or > 100 ? "samplePercent must be from 1 to 100; to keep nothing, choose Off."
        : RetentionDays is < 1 or > LongestRetention ? $"retentionDays must be from 1 to {LongestRetention}."
        : SecretVariables.Count > 100 || SecretVariables.Any(static name => name is not { Length: > 0 and <= 200 }) ? "secretVariables takes at most 100 names of at most 200 characters."
        : !Enum.IsDefined(Playground) || !Enum.IsDefined(Flows) ? "playground and flows must be Off, Redacted or Full."
        : null;

    /// <summary>The policy in force; the default where none was set.</summary>
    internal static async Task<RunPolicy> OfAsync(PortalDbContext context, string @namespace) =>
        await context.RunPolicies.FirstOrDefaultAsync(row => row.Namespace == @namespace) is { } row ? Read(row) : Default;

    internal static RunPolicy Read(RunPolicyRow row) => JsonSerializer.Deserialize<RunPolicy>(row.Definition, InputJson.Compact) ?? Default;
}
