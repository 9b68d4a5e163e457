using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Resources.Kinds;

/// <summary>Jobs: what the template needs. No controller runs them.</summary>
internal sealed class JobRules : ResourceRules
{
    public override bool HasGeneration => true;
    public override bool AllowUnconditionalUpdate => true;

    public override void PrepareCreate(JsonObject target)
    {
        if (target["spec"] is JsonObject spec && !spec.ContainsKey("completions") && !spec.ContainsKey("parallelism"))
        {
            spec["completions"] = 1;
            spec["parallelism"] = 1;
        }
    }

    public override void Complete(JsonObject target, JsonObject? old)
    {
        if (old is not null || target["spec"]?["template"] is not JsonObject template)
        {
            return;
        }

        if (template["metadata"] is not JsonObject metadata)
        {
            template["metadata"] = metadata = [];
        }

        if (metadata["labels"] is not JsonObject labels)
        {
            metadata["labels"] = labels = [];
        }

        labels["batch.kubernetes.io/job-name"] = target["metadata"]?["name"]?.DeepClone();
        labels["job-name"] = target["metadata"]?["name"]?.DeepClone();
    }

    public override IEnumerable<FieldError> Validate(JsonObject target, JsonObject? old)
    {
        var pod = target["spec"]?["template"]?["spec"] as JsonObject;
        foreach (var error in Containers.Problems(pod, "spec.template.spec"))
        {
            yield return error;
        }

        if (pod?["restartPolicy"]?.ToString() is not ("Never" or "OnFailure"))
        {
            yield return FieldError.NotSupported(
                "spec.template.spec.restartPolicy", pod?["restartPolicy"], ["\"OnFailure\"", "\"Never\""]);
        }
    }
}
