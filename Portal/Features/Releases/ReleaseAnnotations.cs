using System.Globalization;
using Portal.Data;
using Portal.Features.Releases.States;
using Portal.Kubernetes.Objects;

namespace Portal.Features.Releases;

/// <summary>What a published object says about how it came to be.</summary>
public static class ReleaseAnnotations
{
    public const string Revision = "genkit.dev/revision";
    public const string Release = "genkit.dev/release";
    public const string RequestedBy = "genkit.dev/requested-by";
    public const string ApprovedBy = "genkit.dev/approved-by";

    /// <summary>Only of objects that were published past the policy: the reason given.</summary>
    public const string Bypass = "genkit.dev/bypassed-policy";

    /// <summary>Only a publication may write these.</summary>
    public static IReadOnlyList<string> All { get; } = [Revision, Release, RequestedBy, ApprovedBy, Bypass];

    public static JsonObject Of(Release release, ReleaseItem item, IReadOnlyList<Review> approvals)
    {
        var annotations = new JsonObject
        {
            [Revision] = item.Revision.ToString(CultureInfo.InvariantCulture),
            [Release] = release.Id.ToString(CultureInfo.InvariantCulture),
            [RequestedBy] = Person(release.RequesterName, release.RequesterId),
        };
        if (approvals.Count > 0)
        {
            annotations[ApprovedBy] = string.Join(", ", approvals.Select(review => Person(review.ActorName, review.ActorId)));
        }

        if (release.Bypass is { } reason)
        {
            annotations[Bypass] = reason;
        }

        return annotations;
    }

    /// <summary>The revision an object says it is; null when it says none.</summary>
    public static int? RevisionOf(KubeObject item) =>
        item.Annotations.TryGetValue(Revision, out var text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Person(string name, string id) => $"{name} <{id}>";
}
