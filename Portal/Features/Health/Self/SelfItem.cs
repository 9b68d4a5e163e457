using Portal.Components;

namespace Portal.Features.Health.Self;

/// <summary>One thing about the portal itself, or about the operator.</summary>
/// <param name="Group">Heading it stands under.</param>
/// <param name="Value">What was found, in a few words.</param>
/// <param name="Advice">What to do; null when nothing has to be done.</param>
public sealed record SelfItem(string Group, string Name, Status Status, string Value, string? Advice = null);

/// <summary>Everything that was found.</summary>
/// <param name="Status">The worst of all.</param>
/// <param name="At">When.</param>
public sealed record SelfReport(Status Status, DateTimeOffset At, IReadOnlyList<SelfItem> Items);

/// <summary>Finds out about one part. It may take a second and may throw: the part is then unknown.</summary>
public interface ISelfProbe
{
    string Group { get; }

    Task<IReadOnlyList<SelfItem>> ReadAsync(CancellationToken cancellationToken);
}
