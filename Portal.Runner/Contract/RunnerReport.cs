using System.Text.Json.Serialization;

namespace Portal.Runner.Contract;

/// <summary>What <c>GET /</c> of a runner tells beside its routes.</summary>
public sealed record RunnerReport
{
    /// <summary><see cref="ContentDigest"/> of the files that are in use.</summary>
    public string? Content { get; init; }

    /// <summary>Why a change of the files was not taken at all; null when it was.</summary>
    public string? Problem { get; init; }

    public IReadOnlyList<FlowReport> Flows { get; init; } = [];
}

/// <summary>One path.</summary>
public sealed record FlowReport
{
    /// <summary>Such as <c>/greeting</c>.</summary>
    public string Path { get; init; } = "";

    /// <summary><c>ready</c>, <c>stale</c> (answers with the version before a broken change) or <c>broken</c>.</summary>
    public string State { get; init; } = "";

    /// <summary>What is wrong; null when nothing is.</summary>
    public string? Problem { get; init; }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(RunnerReport))]
public sealed partial class RunnerReportJson : JsonSerializerContext;
