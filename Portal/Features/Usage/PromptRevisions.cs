using System.Collections.Concurrent;
using Portal.Data;

namespace Portal.Features.Usage;

/// <summary>Which revision of a prompt was called, by the hash of its text. Remembers what it found; what it did not find it looks for again after a while.</summary>
internal sealed class PromptRevisions(TimeProvider clock)
{
    private const int MostRemembered = 10_000;
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<(string, string, string), (int? Number, long At)> _known = new();

    /// <summary>The newest one with that text; null when there is none.</summary>
    public int? Find(PortalDbContext context, string? @namespace, string? prompt, string? hash)
    {
        if (@namespace is null || prompt is null || hash is null)
        {
            return null;
        }

        var key = (@namespace, prompt, hash);
        if (_known.TryGetValue(key, out var known) && (known.Number is not null || clock.GetElapsedTime(known.At) < s_again))
        {
            return known.Number;
        }

        var number = context.Revisions
            .Where(revision => revision.Kind == "Prompt" && revision.Namespace == @namespace && revision.Name == prompt && revision.Hash == hash)
            .Max(revision => (int?)revision.Number);
        if (_known.Count >= MostRemembered)
        {
            _known.Clear();
        }

        _known[key] = (number, clock.GetTimestamp());
        return number;
    }
}
