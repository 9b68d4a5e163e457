using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Dotprompt.Diagnostics;
using Portal.Dotprompt.Documents;
using Portal.Features.Releases.Revisions;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Prompts;

namespace Portal.Features.Prompts.Partials;

/// <summary>
/// The revisions of prompts that other prompts pin. They are read once and kept until one is added or published; whoever asks too early is told by
/// <see cref="Changed"/>.
/// </summary>
public sealed class PartialLibrary : IDisposable
{
    private readonly InformerFactory _informers;
    private readonly PortalDatabase _database;
    private readonly RevisionStore _revisions;
    private readonly ConcurrentDictionary<(string Namespace, string Name), Task<PartialHistory?>> _known = new();
    private readonly Lazy<IDisposable> _subscription;

    public PartialLibrary(InformerFactory informers, PortalDatabase database, RevisionStore revisions)
    {
        (_informers, _database, _revisions) = (informers, database, revisions);
        _subscription = new(() => informers.Get<Prompt>().Subscribe(change => Forget(change.Object.Namespace ?? "", change.Object.Name)));
        _revisions.Changed += OnRevision;
    }

    /// <summary>Raised with namespace and name after what is known of a partial changed; on any thread.</summary>
    public event Action<string, string>? Changed;

    /// <summary>Prompts of a namespace that say <c>partial: true</c>, as published.</summary>
    public IReadOnlyList<Prompt> Published(string @namespace) =>
        [.. _informers.Get<Prompt>().Store.List(@namespace).Where(IsPartial).OrderBy(prompt => prompt.Name, StringComparer.Ordinal)];

    /// <summary>What is known of a partial now; null for none, and while it is being read.</summary>
    public PartialHistory? HistoryOf(string @namespace, string name)
    {
        if (_informers.Get<Prompt>().Store.Find(@namespace, name) is null)
        {
            return null;
        }

        var known = LoadAsync(@namespace, name);
        return known.IsCompletedSuccessfully ? known.Result : null;
    }

    /// <summary>The revisions up to the published one; null when nothing is published under that name.</summary>
    public Task<PartialHistory?> LoadAsync(string @namespace, string name)
    {
        _ = _subscription.Value;
        return _known.GetOrAdd((@namespace, name), key => Read(key.Namespace, key.Name));
    }

    public void Dispose()
    {
        _revisions.Changed -= OnRevision;
        if (_subscription.IsValueCreated)
        {
            _subscription.Value.Dispose();
        }
    }

    private static bool IsPartial(Prompt prompt) =>
        prompt.Json["status"]?["parsedFrontmatter"]?["partial"] is JsonValue value ? value.TryGetValue<bool>(out var marked) && marked
        : PromptCatalog.SpecOf(prompt).Content is var content && content.Contains("partial:", StringComparison.Ordinal) && DotpromptDocument.Parse(content).IsPartial;

    private Task<PartialHistory?> Read(string @namespace, string name)
    {
        // Not on the caller's time: it may be typing.
        var reading = Task.Run(() => ReadAsync(@namespace, name));
        _ = TellAsync(reading, @namespace, name);
        return reading;
    }

    private async Task TellAsync(Task<PartialHistory?> reading, string @namespace, string name)
    {
        try
        {
            await reading;
            Changed?.Invoke(@namespace, name);
        }
        catch (System.Data.Common.DbException)
        {
            // Asked for again, it may be there.
            _known.TryRemove((@namespace, name), out _);
        }
    }

    private async Task<PartialHistory?> ReadAsync(string @namespace, string name)
    {
        if (_informers.Get<Prompt>().Store.Find(@namespace, name) is not { } live)
        {
            return null;
        }

        var kind = Prompt.Definition.Kind;
        var content = PromptCatalog.SpecOf(live).Content;
        var newest = await _revisions.NumberOfAsync(kind, @namespace, name, content, CancellationToken.None);
        if (newest is null)
        {
            return null;
        }

        var texts = await _database.ReadAsync(context => context.Revisions
            .Where(revision => revision.Kind == kind && revision.Namespace == @namespace && revision.Name == name && revision.Number <= newest)
            .Select(revision => new { revision.Number, revision.Content }).ToListAsync());
        var revisions = texts.ToDictionary(revision => revision.Number, revision => new Lazy<PartialRevision>(() => Of(revision.Content)));
        return new PartialHistory(newest.Value, number => revisions.GetValueOrDefault(number)?.Value);
    }

    private static PartialRevision Of(string content)
    {
        var document = DotpromptDocument.Parse(content);
        return new PartialRevision(document.Template, document.Partials);
    }

    private void OnRevision(string kind, string @namespace, string name)
    {
        if (kind == Prompt.Definition.Kind)
        {
            Forget(@namespace, name);
        }
    }

    private void Forget(string @namespace, string name)
    {
        if (_known.TryRemove((@namespace, name), out _))
        {
            Changed?.Invoke(@namespace, name);
        }
    }
}
