using Portal.Features.Playground;

namespace Portal.Features.Runs;

/// <summary>A run in a list.</summary>
/// <param name="Run">Without input and answer where they may not be read.</param>
/// <param name="Revision">Which revision its text is; null when it is none.</param>
public sealed record RunListItem(RunSnapshot Run, int? Revision);

/// <param name="Total">How many there are in all.</param>
public sealed record RunList(IReadOnlyList<RunListItem> Items, int Total);
