using System.Globalization;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Serialization;
using Portal.Operator.Api;
using Portal.Operator.Flows;
using Portal.Runner.Contract;

namespace Portal.Operator.Evals;

/// <summary>The objects of an Eval.</summary>
/// <param name="Support">What the run needs, in the order it is applied.</param>
/// <param name="Workload">The Job or CronJob.</param>
/// <param name="Hash">Of everything a run depends on, but the Flow.</param>
internal sealed record RenderedEval(IReadOnlyList<FlowChild> Support, FlowChild Workload, string Hash);

/// <summary>Makes an Eval's children. Pure: equal inputs give equal objects.</summary>
internal static class EvalRenderer
{
    /// <summary>Content hash of the Flow that a Job measures.</summary>
    public const string FlowHashAnnotation = "genkit.dev/flow-content-hash";
    public const string JobSuffix = "-run";
    private const string JudgeDirectory = RuntimeLayout.DefaultRoot + "/judge";
    private const string DatasetDirectory = RuntimeLayout.DefaultRoot + "/dataset";

    /// <param name="plan">What to run.</param>
    /// <param name="datasetText">The samples that are in a ConfigMap of somebody else.</param>
    /// <param name="variables">Variables of every runner; a change of them is no reason to run anew.</param>
    public static RenderedEval Render(EvalPlan plan, string? datasetText, IReadOnlyList<EnvVar> variables)
    {
        var (eval, owner, dataset) = (plan.Eval, OwnerOf(plan.Eval), EvalDataset.Of(plan));
        var support = Support(owner, eval, dataset);
        var template = new JsonObject
        {
            ["metadata"] = new JsonObject { ["labels"] = owner.Labels() },
            ["spec"] = Pod(plan, dataset, variables),
        };
        var job = new JsonObject
        {
            ["parallelism"] = eval.Spec.Concurrency ?? 1,
            // One pod does the work, that many samples at a time; more pods would all do the same.
            ["completions"] = 1,
            ["template"] = template,
        };

        // The judge is the flow's model, whose change is one of the flow; a Secret that is away for a while is no reason to run anew.
        // The set is no more than what its calls are counted under: another one has another address.
        var asked = Pod(plan with { Target = plan.Target with { Judge = null, Set = null } }, dataset, []);
        var hash = ContentHash.Of([KeyValuePair.Create("pod", asked.ToJsonString()), KeyValuePair.Create("dataset", datasetText ?? dataset.Inline ?? "")]);
        var workload = plan.IsScheduled
            ? owner.Child(BuiltIn.CronJob, eval.Name, new JsonObject { ["spec"] = CronJob(eval, owner, job) })
            : owner.Child(BuiltIn.Job, JobName(eval), new JsonObject { ["spec"] = job }, new JsonObject
            {
                [GenkitApi.ContentHashAnnotation] = hash,
                [FlowHashAnnotation] = plan.Target.Revision,
            });
        return new RenderedEval(support, workload, hash);
    }

    public static string JobName(Eval eval) => eval.Name + JobSuffix;

    public static ChildOwner OwnerOf(Eval eval) => new(eval, Eval.Definition, GenkitApi.EvalLabel);

    private static JsonObject CronJob(Eval eval, ChildOwner owner, JsonObject job) => new()
    {
        ["schedule"] = eval.Spec.Schedule,
        ["concurrencyPolicy"] = "Forbid",
        ["jobTemplate"] = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = owner.Labels() }, ["spec"] = job },
    };

    /// <summary>Samples written in the Dataset become a file; a run that writes a ConfigMap may do just that.</summary>
    private static List<FlowChild> Support(ChildOwner owner, Eval eval, EvalDataset dataset)
    {
        var support = new List<FlowChild>();
        if (dataset.Inline is not null)
        {
            support.Add(owner.ConfigMap(dataset.ConfigMap!, [KeyValuePair.Create(dataset.Key, dataset.Inline)]));
        }

        if (eval.Spec.OutputSink.ConfigMap is not { } sink)
        {
            return support;
        }

        var name = AccountName(eval);
        support.Add(owner.Child(BuiltIn.ServiceAccount, name, new JsonObject { ["automountServiceAccountToken"] = false }));
        support.Add(RoleOf(eval, [sink.Name]));
        support.Add(owner.Child(BuiltIn.RoleBinding, name, new JsonObject
        {
            ["roleRef"] = new JsonObject { ["apiGroup"] = BuiltIn.Role.Group, ["kind"] = BuiltIn.Role.Kind, ["name"] = name },
            ["subjects"] = new JsonArray(new JsonObject { ["kind"] = "ServiceAccount", ["name"] = name, ["namespace"] = eval.Namespace }),
        }));
        return support;
    }

    /// <summary>Account, role and binding of a run that writes a ConfigMap.</summary>
    public static string AccountName(Eval eval) => $"{eval.Name}-eval";

    /// <param name="eval">Whose runs.</param>
    /// <param name="configMaps">What they may write; nothing when empty.</param>
    public static FlowChild RoleOf(Eval eval, string[] configMaps) => OwnerOf(eval).Child(BuiltIn.Role, AccountName(eval), new JsonObject
    {
        ["rules"] = new JsonArray([.. configMaps.Select(name => new JsonObject
        {
            ["apiGroups"] = new JsonArray(""),
            ["resources"] = new JsonArray("configmaps"),
            ["resourceNames"] = new JsonArray(name),
            ["verbs"] = new JsonArray("get", "create", "patch"),
        })]),
    });

    private static JsonObject Pod(EvalPlan plan, EvalDataset dataset, IReadOnlyList<EnvVar> variables)
    {
        var eval = plan.Eval;
        var (volumes, mounts) = (new JsonArray(), new JsonArray());
        void Mount(string name, string path, string kind, JsonObject source)
        {
            volumes.Add(new JsonObject { ["name"] = name, [kind] = source });
            mounts.Add(new JsonObject { ["name"] = name, ["mountPath"] = path, ["readOnly"] = true });
        }

        if (dataset.ConfigMap is not null)
        {
            Mount("dataset", DatasetDirectory, "configMap", new JsonObject { ["name"] = dataset.ConfigMap });
        }

        var judge = plan.Target.Judge;
        if (judge is not null)
        {
            Mount("judge", JudgeDirectory, "configMap", new JsonObject { ["name"] = judge.ConfigMap });
        }

        if (judge is { CredentialsDirectory: { } directory })
        {
            Mount("credentials", directory, "secret", new JsonObject { ["secretName"] = judge.Secret });
        }

        string?[] secrets = [judge is { CredentialsDirectory: null } ? judge.Secret : null, eval.Spec.OutputSink.S3?.CredentialsRef.Name];
        var pod = new JsonObject
        {
            ["restartPolicy"] = "Never",
            ["automountServiceAccountToken"] = eval.Spec.OutputSink.ConfigMap is not null,
            ["securityContext"] = new JsonObject
            {
                ["runAsNonRoot"] = true,
                ["seccompProfile"] = new JsonObject { ["type"] = "RuntimeDefault" },
            },
            ["containers"] = new JsonArray(new JsonObject
            {
                ["name"] = GenkitApi.EvalContainer,
                ["image"] = eval.Spec.RunnerImage,
                ["env"] = new JsonArray([
                    .. Variables(plan, dataset).Select(variable => new JsonObject { ["name"] = variable.Name, ["value"] = variable.Value }),
                    .. variables.Select(variable => JsonSerializer.SerializeToNode(variable, KubernetesJson.Options)),
                ]),
                ["envFrom"] = new JsonArray([.. secrets.Where(name => name is { Length: > 0 }).Distinct()
                    .Select(name => new JsonObject { ["secretRef"] = new JsonObject { ["name"] = name } })]),
                ["securityContext"] = new JsonObject
                {
                    ["allowPrivilegeEscalation"] = false,
                    ["capabilities"] = new JsonObject { ["drop"] = new JsonArray("ALL") },
                },
                ["volumeMounts"] = mounts,
            }),
            ["volumes"] = volumes,
        };
        if (eval.Spec.OutputSink.ConfigMap is not null)
        {
            pod["serviceAccountName"] = AccountName(eval);
        }

        return pod;
    }

    /// <summary>The contract's variables in its order, then those that only our runner reads.</summary>
    private static IEnumerable<(string Name, string Value)> Variables(EvalPlan plan, EvalDataset dataset)
    {
        var (spec, source) = (plan.Eval.Spec, plan.Dataset.Spec.Source);
        yield return ("EVAL_FLOW_URL", plan.Target.Url);
        yield return ("EVAL_DATASET_NAME", plan.Dataset.Name);
        yield return ("EVAL_DATASET_FORMAT", dataset.Format);
        yield return ("EVAL_METRICS", List(spec.Metrics));
        if (source.Uri is { Length: > 0 } uri)
        {
            yield return ("EVAL_DATASET_URI", uri);
        }

        if (source.ConfigMapRef is { Name.Length: > 0 } map)
        {
            yield return ("EVAL_DATASET_CONFIGMAP", map.Name);
        }

        foreach (var variable in Sink(spec.OutputSink))
        {
            yield return variable;
        }

        yield return ("EVAL_NAME", plan.Eval.Name);
        yield return ("EVAL_FLOW_NAME", plan.Target.Name);
        yield return ("EVAL_CONCURRENCY", (spec.Concurrency ?? 1).ToString(CultureInfo.InvariantCulture));
        if (plan.Dataset.Spec.Schema is JsonObject schema)
        {
            yield return ("EVAL_DATASET_SCHEMA", schema.ToJsonString());
        }

        if (plan.Target.Set is { } set)
        {
            yield return (RuntimeLayout.FlowSetNameVariable, set);
        }

        if (plan.Target.Judge is not null)
        {
            yield return ("EVAL_JUDGE_CONFIG", $"{JudgeDirectory}/{RuntimeLayout.ConfigFile}");
        }
    }

    /// <summary>With commas between, as every runner reads it; as JSON when an argument (<c>regex:a{2,3}</c>) holds a comma itself.</summary>
    private static string List(IReadOnlyList<string> metrics) => metrics.Any(metric => metric.Contains(',', StringComparison.Ordinal) && metric.Contains(':', StringComparison.Ordinal))
        ? JsonSerializer.Serialize(metrics, KubernetesJson.Options)
        : string.Join(',', metrics);

    private static IEnumerable<(string Name, string Value)> Sink(EvalSink sink) => sink switch
    {
        { ConfigMap: { } map } => [("EVAL_SINK_KIND", "configmap"), ("EVAL_SINK_NAME", map.Name), ("EVAL_SINK_KEY", map.Key)],
        { S3: { } s3 } => [("EVAL_SINK_KIND", "s3"), ("EVAL_SINK_BUCKET", s3.Bucket), ("EVAL_SINK_PREFIX", s3.Prefix ?? "")],
        _ => [],
    };
}
