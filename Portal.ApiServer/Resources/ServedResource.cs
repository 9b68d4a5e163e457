using Portal.ApiServer.Schemas;
using Portal.ApiServer.Schemas.Cel;
using Portal.ApiServer.Storage;
using Portal.ApiServer.Tables;
using Portal.Kubernetes.Objects;

namespace Portal.ApiServer.Resources;

/// <summary>One resource in one version, as it is served. Immutable; a changed CRD makes a new one.</summary>
internal sealed class ServedResource
{
    public static readonly IReadOnlyList<string> AllVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    public required ResourceDefinition Definition { get; init; }
    public required string Singular { get; init; }
    public required string ListKind { get; init; }
    public IReadOnlyList<string> ShortNames { get; init; } = [];
    public IReadOnlyList<string> Categories { get; init; } = [];
    public IReadOnlyList<string> Verbs { get; init; } = AllVerbs;
    public required StructuralSchema Schema { get; init; }

    /// <summary>The schema's <c>x-kubernetes-validations</c>; null when there are none.</summary>
    public CelValidator? Expressions { get; init; }
    public required TableConverter Table { get; init; }
    public required ResourceRules Rules { get; init; }
    public bool HasStatus { get; init; }

    /// <summary>Paths of the scale subresource, or null.</summary>
    public ScalePaths? Scale { get; init; }

    /// <summary>Further subresources, for discovery.</summary>
    public IReadOnlyList<Subresource> Subresources { get; init; } = [];

    public IReadOnlyCollection<string> SelectableFields { get; init; } = [];

    /// <summary><c>apiVersion</c> objects are stored in; the same as <see cref="Definition"/>'s for everything but further CRD versions.</summary>
    public required string StorageApiVersion { get; init; }

    /// <summary>The shape objects are stored in; null when it is the one they are served in.</summary>
    public StoredForm? Form { get; init; }

    /// <summary>The CRD this came from, or null for a built-in.</summary>
    public string? CrdName { get; init; }

    /// <summary>Warning that every response carries; null when the version is not deprecated.</summary>
    public string? DeprecationWarning { get; init; }

    /// <summary>The CRD is being deleted: its objects are served, new ones refused.</summary>
    public bool Terminating { get; init; }

    public bool IsCustom => CrdName is not null;
    public bool Namespaced => Definition.Namespaced;

    /// <summary>Key of all versions together in the revision log.</summary>
    public string StorageKey => Form?.StorageKey ?? $"{Definition.Group}/{Definition.Plural}";

    /// <summary><c>plural.group</c>, as messages name it.</summary>
    public string QualifiedPlural => Definition.Group.Length == 0 ? Definition.Plural : $"{Definition.Plural}.{Definition.Group}";

    public ObjectKey Key(string? @namespace, string name) => new(StorageKey, Namespaced ? @namespace ?? "" : "", name);

    /// <summary>Fills in defaults in place: those of the schema, and those that pods and their controllers have beyond it.</summary>
    /// <param name="dropNulls">False keeps nulls without a default for validation to report.</param>
    public void FillDefaults(JsonObject target, bool dropNulls)
    {
        SchemaDefaulter.Apply(target, Schema, dropNulls);
        if (!IsCustom)
        {
            BuiltInDefaults.Apply(target, Definition);
        }
    }

    /// <summary>Brings an object into the form in which it is stored, in place.</summary>
    public void ToStored(JsonObject target)
    {
        target["apiVersion"] = StorageApiVersion;
        Form?.ToStored(target);
    }

    /// <summary>Brings a stored object into the form in which it is served, in place.</summary>
    public void ToServed(JsonObject target)
    {
        target["apiVersion"] = Definition.ApiVersion;
        Form?.ToServed(target);
    }

    /// <summary>The object as this version shows it: its apiVersion, and defaults that were added to the schema later.</summary>
    public StoredObject Present(StoredObject stored)
    {
        if (!IsCustom)
        {
            return Form is null ? stored : stored.Present(this, Convert);
        }

        return stored.Present(this, source =>
        {
            var json = source.Copy();
            var otherVersion = (string?)json["apiVersion"] != Definition.ApiVersion;
            if (otherVersion)
            {
                json["apiVersion"] = Definition.ApiVersion;
            }

            var changed = SchemaDefaulter.Apply(json, Schema) || otherVersion;
            return changed ? new StoredObject(source.Key, source.Revision, source.Uid, StoredObject.Serialize(json)) : source;
        });
    }

    private StoredObject Convert(StoredObject source)
    {
        var json = source.Copy();
        ToServed(json);
        return new StoredObject(source.Key, source.Revision, source.Uid, StoredObject.Serialize(json));
    }
}

/// <summary>Where a kind keeps what <c>autoscaling/v1 Scale</c> shows, as dotted paths such as <c>.spec.replicas</c>.</summary>
internal sealed record ScalePaths(string SpecReplicas, string StatusReplicas, string? Selector);

/// <summary>A subresource for discovery that is neither status nor scale.</summary>
/// <param name="Type">Group and version of the kind where they are not those of the resource.</param>
internal sealed record Subresource(string Name, string Kind, IReadOnlyList<string> Verbs, ResourceDefinition? Type = null);
