namespace Portal.ApiServer.Resources.Kinds;

/// <summary>Namespaces: an active one holds the finalizer <c>kubernetes</c> in its spec; deletion waits until it is empty.</summary>
internal sealed class NamespaceRules : ResourceRules
{
    public override bool HasGeneration => false;
    public override bool AllowUnconditionalUpdate => true;
    public override bool DeleteReturnsObject => true;

    public override bool HasOwnFinalizers(JsonObject target) => target["spec"]?["finalizers"] is JsonArray { Count: > 0 };

    public override void Complete(JsonObject target, JsonObject? old)
    {
        if (old is null)
        {
            target["spec"] = new JsonObject { ["finalizers"] = new JsonArray("kubernetes") };
            target["status"] = new JsonObject { ["phase"] = "Active" };
        }

        var metadata = target["metadata"]!.AsObject();
        if (metadata["name"] is not { } name)
        {
            return;
        }

        if (metadata["labels"] is not JsonObject labels)
        {
            metadata["labels"] = labels = [];
        }

        labels["kubernetes.io/metadata.name"] = name.DeepClone();
    }

    public override void PrepareUpdate(JsonObject target, JsonObject old)
    {
        // Finalizers of the spec change through /finalize only.
        if (old["spec"] is { } spec)
        {
            target["spec"] = spec.DeepClone();
        }
    }

    public override string? DeleteProblem(string name) => name is "default" or "kube-system" ? "this namespace may not be deleted" : null;

    public override void MarkTerminating(JsonObject target) => target["status"] = new JsonObject { ["phase"] = "Terminating" };
}
