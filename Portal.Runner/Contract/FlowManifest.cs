namespace Portal.Runner.Contract;

/// <summary><c>manifest.json</c>: the flows of one process, each with its own folder.</summary>
public sealed record FlowManifest
{
    public IReadOnlyList<FlowManifestEntry> Flows { get; init; } = [];
}

/// <summary>One flow of a <see cref="FlowManifest"/>.</summary>
public sealed record FlowManifestEntry
{
    public string Name { get; init; } = "";

    /// <summary>The prompt that answers at <c>/&lt;Name&gt;</c>.</summary>
    public string Entrypoint { get; init; } = "";

    /// <summary>The flow's folder as seen in a pod, or below the root; when absent, <c>/genkit/flows/&lt;Name&gt;</c>.</summary>
    public string? Dir { get; init; }
}
