using System.Runtime.CompilerServices;
using Portal.Components;
using Portal.Data;
using Portal.Features.Playground;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Flows;
using Portal.Operator.Prompts;

namespace Portal.Features.Prompts;

/// <summary>A prompt in a list: published, drafted, or both.</summary>
public sealed record PromptEntry
{
    public required string Namespace { get; init; }
    public required string Name { get; init; }
    public string? Description { get; init; }
    public string? Model { get; init; }
    public required Status Status { get; init; }
    public string? StatusMessage { get; init; }

    /// <summary>SHA-256 of the published text; null when nothing is published.</summary>
    public string? ContentHash { get; init; }

    public required bool HasDraft { get; init; }
    public required bool IsPublished { get; init; }

    /// <summary>Names of the flows that serve it.</summary>
    public required IReadOnlyList<string> Flows { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }
}

/// <summary>The prompts of a namespace, as the informers know them, with their drafts.</summary>
public sealed class PromptCatalog(InformerFactory informers)
{
    // Reading an object is dear and a list is asked for at every key that is pressed: what was read is kept as long as the object is.
    private readonly ConditionalWeakTable<Prompt, PromptEntry> _entries = [];
    private readonly ConditionalWeakTable<Flow, IReadOnlySet<string>> _served = [];

    public Informer<Prompt> Prompts { get; } = informers.Get<Prompt>();

    public Informer<Flow> Flows { get; } = informers.Get<Flow>();

    public Prompt? Find(string @namespace, string name) => Prompts.Store.Find(@namespace, name);

    /// <summary>Whether the cluster's namespaces have been read: while it is away, nothing can be said about them.</summary>
    public bool KnowsNamespaces => informers.Get(BuiltIn.Namespace).IsSynced;

    /// <summary>Whether a namespace is there; waits until the cluster's namespaces are known.</summary>
    public async Task<bool> NamespaceExistsAsync(string @namespace, CancellationToken cancellationToken)
    {
        var namespaces = informers.Get(BuiltIn.Namespace);
        await namespaces.WaitForSyncAsync(cancellationToken);
        return namespaces.Store.Find(null, @namespace) is not null;
    }

    /// <summary>Flows that serve a prompt.</summary>
    public IReadOnlyList<Flow> FlowsOf(string @namespace, string name) =>
        [.. Flows.Store.List(@namespace).Where(flow => NamesOf(flow).Contains(name))];

    /// <summary>Published prompts and drafts that were never published, by name.</summary>
    public IReadOnlyList<PromptEntry> List(string @namespace, IReadOnlyList<Draft> drafts)
    {
        var drafted = drafts.ToDictionary(draft => draft.Name, StringComparer.Ordinal);
        var published = Prompts.Store.List(@namespace);
        var names = published.Select(prompt => prompt.Name).ToHashSet(StringComparer.Ordinal);
        var flows = Flows.Store.List(@namespace)
            .SelectMany(flow => NamesOf(flow).Select(prompt => (prompt, flow.Name)))
            .ToLookup(pair => pair.prompt, pair => pair.Name, StringComparer.Ordinal);
        return [.. published.Select(prompt => EntryOf(prompt, drafted.ContainsKey(prompt.Name), flows[prompt.Name]))
            .Concat(drafts.Where(draft => !names.Contains(draft.Name)).Select(draft => EntryOf(draft, flows[draft.Name])))
            .OrderBy(entry => entry.Name, StringComparer.Ordinal)];
    }

    public PromptEntry EntryOf(Prompt prompt, bool hasDraft) => EntryOf(prompt, hasDraft, FlowNames(prompt.Namespace ?? "", prompt.Name));

    public PromptEntry EntryOf(Draft draft) => EntryOf(draft, FlowNames(draft.Namespace, draft.Name));

    /// <summary>The spec; an empty one when what is stored does not have its shape.</summary>
    public static PromptSpec SpecOf(Prompt prompt)
    {
        try
        {
            return prompt.Spec;
        }
        catch (JsonException)
        {
            return new PromptSpec();
        }
    }

    // The same instance as before while nothing changed: many pages show the same list.
    private PromptEntry EntryOf(Prompt prompt, bool hasDraft, IEnumerable<string> flows)
    {
        if (_entries.TryGetValue(prompt, out var known) && known.HasDraft == hasDraft && known.Flows.SequenceEqual(flows))
        {
            return known;
        }

        var spec = SpecOf(prompt);
        var entry = new PromptEntry
        {
            Namespace = prompt.Namespace ?? "",
            Name = prompt.Name,
            Description = spec.Description ?? Frontmatter(prompt, "description"),
            Model = Frontmatter(prompt, "model"),
            Status = ObjectStatus.Of(prompt),
            StatusMessage = prompt.FindCondition("Ready")?.Message,
            ContentHash = Prompt.HashOf(spec.Content),
            HasDraft = hasDraft,
            IsPublished = true,
            Flows = [.. flows],
            CreatedAt = prompt.CreationTimestamp,
        };
        _entries.AddOrUpdate(prompt, entry);
        return entry;
    }

    private static PromptEntry EntryOf(Draft draft, IEnumerable<string> flows) => new()
    {
        Namespace = draft.Namespace,
        Name = draft.Name,
        Status = Status.Draft,
        StatusMessage = "Not published yet",
        HasDraft = true,
        IsPublished = false,
        Flows = [.. flows],
        CreatedAt = draft.UpdatedAt,
    };

    private IEnumerable<string> FlowNames(string @namespace, string name) => FlowsOf(@namespace, name).Select(flow => flow.Name);

    private IReadOnlySet<string> NamesOf(Flow flow) => _served.GetValue(flow, FlowPrompts.NamesOf);

    private static string? Frontmatter(Prompt prompt, string key) =>
        (prompt.Json["status"]?["parsedFrontmatter"] as JsonObject)?[key] is JsonValue value && value.TryGetValue(out string? text)
            ? text
            : null;
}
