namespace Portal.Runner.Flows;

/// <summary>A path of the catalog: what it runs, and what is wrong with its files.</summary>
/// <param name="Path">Such as <c>/greeting</c>.</param>
/// <param name="Route">Null when it cannot answer.</param>
/// <param name="Problem">Null when the files are right. Beside a route: why it still runs the version before the last change.</param>
internal sealed record FlowState(string Path, FlowRoute? Route, string? Problem)
{
    /// <summary><c>ready</c>, <c>stale</c> (answers with the version before a broken change) or <c>broken</c>.</summary>
    public string Name => Route is null ? "broken" : Problem is null ? "ready" : "stale";
}
