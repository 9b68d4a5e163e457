namespace Portal.Features.Releases.Policies;

/// <summary>A place to publish into: one or more namespaces under one policy.</summary>
public sealed record ReleaseEnvironment
{
    public required string Name { get; init; }

    /// <summary>Names of namespaces.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>Labels of namespaces: those that have all of them belong to it too. Empty for none.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    public required ReleasePolicy Policy { get; init; }

    /// <summary>Whether it is written in the configuration, and not on the settings page.</summary>
    public bool IsConfigured { get; init; }

    /// <summary>Whether it comes with the portal, until one of the same name replaces it.</summary>
    public bool IsBuiltIn { get; init; }

    public bool Covers(string @namespace, IReadOnlyDictionary<string, string> labels) =>
        Namespaces.Contains(@namespace)
        || (Labels.Count > 0 && Labels.All(label => labels.TryGetValue(label.Key, out var value) && value == label.Value));
}
