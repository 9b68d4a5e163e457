using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Resources;

/// <summary>
/// What a kind does beyond its schema. The base is what a custom resource does; built-ins with behaviour of their own override.
/// Objects passed in may be changed only where a member says so.
/// </summary>
internal class ResourceRules
{
    public static ResourceRules Custom { get; } = new();

    public static ResourceRules BuiltIn { get; } = new BuiltInRules();

    /// <summary>Whether <c>metadata.generation</c> is kept.</summary>
    public virtual bool HasGeneration => true;

    /// <summary>Whether a PUT may leave out the resourceVersion.</summary>
    public virtual bool AllowUnconditionalUpdate => false;

    /// <summary>Whether a PUT to a missing object creates it.</summary>
    public virtual bool AllowCreateOnUpdate => false;

    /// <summary>Whether names may be any path segment, as for RBAC kinds.</summary>
    public virtual bool PathSegmentNames => false;

    /// <summary>Whether a delete of an object that goes at once answers with the object rather than a Status.</summary>
    public virtual bool DeleteReturnsObject => false;

    /// <summary>Fields below metadata that make an object wait for something other than metadata.finalizers (namespaces).</summary>
    public virtual bool HasOwnFinalizers(JsonObject target) => false;

    /// <summary>Why an object cannot be decoded although its JSON types are right; null when it can. The answer is then a 400.</summary>
    public virtual string? DecodeProblem(JsonObject target) => null;

    /// <summary>Normalises a new object in place, before defaults.</summary>
    public virtual void PrepareCreate(JsonObject target)
    {
    }

    /// <summary>Normalises a changed object in place, before defaults.</summary>
    public virtual void PrepareUpdate(JsonObject target, JsonObject old)
    {
    }

    /// <summary>Fills in, in place, what depends on other fields or is allocated; after schema defaults.</summary>
    public virtual void Complete(JsonObject target, JsonObject? old)
    {
    }

    /// <summary>Why an object of this name must not be deleted; null when it may.</summary>
    public virtual string? DeleteProblem(string name) => null;

    /// <summary>Finalizers that a deletion adds, for kinds that must be cleaned up after.</summary>
    public virtual IReadOnlyList<string> DeletionFinalizers => [];

    /// <summary>Changes the object in place when its deletion begins.</summary>
    public virtual void MarkTerminating(JsonObject target)
    {
    }

    /// <summary>What is wrong with the object beyond its schema.</summary>
    public virtual IEnumerable<FieldError> Validate(JsonObject target, JsonObject? old) => [];

    private sealed class BuiltInRules : ResourceRules
    {
        public override bool HasGeneration => false;
        public override bool AllowUnconditionalUpdate => true;
    }
}
